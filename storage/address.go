package storage

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// address is where a store is, as somebody wrote it down.
type address struct {
	scheme           string // redis, rediss, unix or embedded
	kind             topology
	one              string   // a URL for the client's own parser, with the first host
	hosts            []string // host:port, none for a socket or the embedded store
	master           string   // what the Sentinels call the primary
	sentinelUser     string
	sentinelPassword string
	tls              TLS
}

// topology is how many servers make the store, and who knows which of them takes what.
type topology int

const (
	alone    topology = iota // one server
	sentinel                 // one primary that the Sentinels name
	cluster                  // several primaries, each with its slots
)

// Addresses are the forms that Open understands, for help and for errors.
const Addresses = "redis://, rediss:// (TLS), unix://, redis+sentinel://, rediss+sentinel://, redis+cluster://, rediss+cluster:// or embedded:// (keeps nothing)"

// The errors hold nothing of the address, which may carry a password anywhere: one with a slash or a question
// mark in it ends up as a path or an option.
var (
	errForm = errors.New("the store's address cannot be read: write it as redis://user:password@host:6379/0, with user and password if " +
		"there are any, and what is special in a password as %2F for /, %40 for @, %3F for ?, %23 for #, %25 for %")
	errOptions  = errors.New("the store's address has an option that is not known or has the wrong form behind its question mark, or a database that is no number (in a password, ? is written as %3F and / as %2F): docs/store.md lists what may stand there")
	errSeveral  = errors.New("several hosts are Sentinels or a Cluster: write the address as redis+sentinel://host1:26379,host2:26379/mymaster or redis+cluster://host1:7000,host2:7001")
	errHosts    = errors.New("the store's address needs hosts with ports, separated by commas, such as redis+cluster://host1:7000,host2:7001")
	errMaster   = errors.New("the store's address needs the name by which the Sentinels know the primary: redis+sentinel://host1:26379,host2:26379/mymaster")
	errDatabase = errors.New("the store's database must be a number: redis+sentinel://host1:26379/mymaster/0")
	errCluster  = errors.New("a Cluster has only database 0: write its address without one, as redis+cluster://host1:7000,host2:7001")
)

// Hosts are the hosts at which the address says the store is, without ports: none for a socket or for the
// embedded store. Its error is a sentence for whoever wrote the address.
func Hosts(written string) ([]string, error) {
	at, err := parseAddress(written)
	if err != nil {
		return nil, err
	}
	if _, err := at.options(); err != nil {
		return nil, err
	}
	var hosts []string
	for _, h := range at.hosts {
		host, _, err := net.SplitHostPort(h)
		if err != nil {
			return nil, errForm
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

func parseAddress(written string) (address, error) {
	scheme, rest, found := strings.Cut(written, "://")
	if !found {
		return address{}, errors.New("the store's address must be a URL such as redis://localhost:6379: it begins with " + Addresses)
	}
	base, with, _ := strings.Cut(scheme, "+")
	at := address{scheme: base}
	s, err := at.split(rest)
	if err != nil {
		return address{}, err
	}
	switch base + "+" + with {
	case "embedded+":
	case "redis+", "rediss+", "unix+":
		err = at.oneServer(s)
	case "redis+sentinel", "rediss+sentinel":
		err = at.bySentinel(s)
	case "redis+cluster", "rediss+cluster":
		err = at.ofCluster(s)
	default:
		err = fmt.Errorf("the store's address begins with %.20q: it must be %s", scheme, Addresses)
	}
	return at, err
}

// options is what the client's own parser makes of the first host.
func (a address) options() (*redis.Options, error) {
	if a.one == "" {
		return &redis.Options{}, nil
	}
	o, err := redis.ParseURL(a.one)
	if err == nil {
		return o, nil
	}
	bare, _, _ := strings.Cut(a.one, "?")
	if u, unread := url.Parse(bare); unread == nil {
		u.Path = ""
		if _, rest := redis.ParseURL(u.String()); rest == nil {
			return nil, errOptions // what stands before is well
		}
	}
	return nil, errForm
}

// parts are what net/url would make of an address if it took several hosts.
type parts struct{ credentials, hosts, path, query string }

// split finds the parts and takes out the options that are ours. A credential has no bare @, / or ?, as in any URL.
func (a *address) split(rest string) (parts, error) {
	rest, query, _ := strings.Cut(rest, "?")
	options, err := url.ParseQuery(query)
	if err != nil {
		return parts{}, errForm
	}
	for name, to := range map[string]*string{
		"sentinel_user": &a.sentinelUser, "sentinel_password": &a.sentinelPassword,
		"tls_ca": &a.tls.CA, "tls_cert": &a.tls.Cert, "tls_key": &a.tls.Key,
	} {
		*to = options.Get(name)
		options.Del(name)
	}
	authority, path, found := strings.Cut(rest, "/")
	if found {
		path = "/" + path
	}
	p := parts{hosts: authority, path: path}
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		p.credentials, p.hosts = authority[:at+1], authority[at+1:]
	}
	if len(options) > 0 {
		p.query = "?" + options.Encode()
	}
	return p, nil
}

func (a *address) oneServer(p parts) error {
	if a.scheme != "unix" && strings.Contains(p.hosts, ",") {
		return errSeveral
	}
	a.one = a.scheme + "://" + p.credentials + p.hosts + p.path + p.query
	o, err := a.options()
	if err == nil && a.scheme != "unix" {
		a.hosts = []string{o.Addr}
	}
	return err
}

func (a *address) bySentinel(p parts) (err error) {
	if a.hosts, err = hostsOf(p.hosts, "26379"); err != nil {
		return err
	}
	master, db, _ := strings.Cut(strings.TrimPrefix(p.path, "/"), "/")
	if db == "" {
		db = "0"
	}
	if n, err := strconv.Atoi(db); err != nil || n < 0 {
		return errDatabase
	}
	if a.master, err = url.PathUnescape(master); err != nil || master == "" {
		return errMaster
	}
	a.kind = sentinel
	a.one = a.scheme + "://" + p.credentials + a.hosts[0] + "/" + db + p.query
	_, err = a.options()
	return err
}

func (a *address) ofCluster(p parts) (err error) {
	if a.hosts, err = hostsOf(p.hosts, "6379"); err != nil {
		return err
	}
	a.kind = cluster
	a.one = a.scheme + "://" + p.credentials + a.hosts[0] + p.path + p.query
	o, err := a.options()
	if err == nil && o.DB != 0 {
		err = errCluster
	}
	return err
}

// hostsOf splits hosts at commas and gives those without a port the usual one.
func hostsOf(list, port string) (hosts []string, err error) {
	for host := range strings.SplitSeq(list, ",") {
		if _, _, err := net.SplitHostPort(host); err != nil {
			host += ":" + port
		}
		name, number, err := net.SplitHostPort(host)
		if n, wrong := strconv.Atoi(number); err != nil || name == "" || wrong != nil || n < 1 || n > 65535 {
			return nil, errHosts
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}
