// Command bare is the least that can be started to show a page: what the playground's start is measured against.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Printf("Open http://%s in a browser.\n", listener.Addr())
	server := http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html><title>bare</title><p>A page.")
	})}
	panic(server.Serve(listener))
}
