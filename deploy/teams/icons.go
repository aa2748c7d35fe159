//go:build ignore

// Command icons draws the app's two icons: a target of two rings and a dot.
//
//	go run icons.go
package main

import (
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"os"
)

// Sizes are Teams' ("root.icons object"): 192 in full colour, 32 in white on nothing.
func main() {
	violet, white := color.NRGBA{0x4f, 0x52, 0xb2, 0xff}, color.NRGBA{0xff, 0xff, 0xff, 0xff}
	save("color.png", draw(192, 0.62, violet, white))
	save("outline.png", draw(32, 0.94, color.NRGBA{}, white))
}

const samples = 4 // each way, of a pixel

// draw paints rings on a background; reach is how much of the half width they take.
func draw(size int, reach float64, back, front color.NRGBA) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			img.SetNRGBA(x, y, blend(back, front, coverage(x, y, size, reach)))
		}
	}
	return img
}

// coverage is how much of a pixel belongs to the figure.
func coverage(x, y, size int, reach float64) float64 {
	hits := 0
	for sy := range samples {
		for sx := range samples {
			u := (float64(x)+(float64(sx)+0.5)/samples)/float64(size)*2 - 1
			v := (float64(y)+(float64(sy)+0.5)/samples)/float64(size)*2 - 1
			if inside(u/reach, v/reach) {
				hits++
			}
		}
	}
	return float64(hits) / (samples * samples)
}

// inside tells the figure on the square from -1 to 1: two rings and a dot.
func inside(u, v float64) bool {
	r := math.Hypot(u, v)
	return r <= 0.24 || r >= 0.44 && r <= 0.62 || r >= 0.82 && r <= 1
}

func blend(back, front color.NRGBA, share float64) color.NRGBA {
	if back.A == 0 {
		front.A = uint8(255*share + 0.5)
		return front
	}
	mix := func(b, f uint8) uint8 { return uint8(float64(b)*(1-share) + float64(f)*share + 0.5) }
	return color.NRGBA{mix(back.R, front.R), mix(back.G, front.G), mix(back.B, front.B), 255}
}

func save(name string, img image.Image) {
	f, err := os.Create(name)
	if err != nil {
		log.Fatal(err)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(f, img); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
}
