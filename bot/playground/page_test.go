package playground_test

import (
	"context"
	_ "embed"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"goalkeeper/bot/playground"
	"goalkeeper/conversation"
	"goalkeeper/conversation/card"
	"goalkeeper/storage/storagetest"
)

//go:embed testdata/audit.js
var audit string

// browser is a page in headless Chromium, closed with the test.
type browser struct {
	t   *testing.T
	ctx context.Context
}

func open(t *testing.T) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		storagetest.SkipAloud(t, "NOT TESTED in a browser: there is no chromium on the path")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, quit := chromedp.NewContext(allocator)
	t.Cleanup(func() { quit(); stop() })
	b := &browser{t, ctx}
	b.do(chromedp.Navigate("about:blank"))
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	b.ctx = ctx
	return b
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for a JavaScript expression to become true. A page that is left while it looks is looked at again
// where it leads.
func (b *browser) until(expression string) {
	b.t.Helper()
	const limit = 10_000 // ms
	look := chromedp.Evaluate[bool](fmt.Sprintf(`new Promise((tell) => {
		const start = performance.now();
		const look = () => {
			let is = false;
			try { is = %s; } catch { /* not there yet */ }
			if (is || performance.now() - start > %d) tell(!!is); else requestAnimationFrame(look);
		};
		look();
	})`, expression, limit), chromedp.EvalAwaitPromise)
	ok, err := chromedp.Run(b.ctx, look)
	for n := 0; err != nil && left(err) && n < 20; n++ {
		ok, err = chromedp.Run(b.ctx, look)
	}
	if err != nil || !ok {
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText + " / focus: " + document.activeElement.outerHTML.slice(0, 200) + " / holds: " + document.activeElement.value`))
		b.t.Fatalf("never: %s (%v)\n%s", expression, err, text)
	}
}

// left reports whether the page went away under an evaluation, in Chromium's words.
func left(err error) bool {
	for _, words := range []string{"navigated or closed", "context was destroyed", "Cannot find context"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// click presses the control that a visitor sees under the name.
func (b *browser) click(name string) {
	b.t.Helper()
	found := fmt.Sprintf(`[...document.querySelectorAll("a, button, summary")].filter((n) =>
		n.innerText.trim() === %q && !n.classList.contains("unseen") && n.checkVisibility()).at(-1)`, name)
	b.until("!!" + found)
	b.do(chromedp.Evaluate[chromedp.Void](found + ".click()"))
}

// enter types into what has the focus and ends the line.
func (b *browser) enter(text string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(text + "\r"))
}

// look draws the page for a width and a colour scheme.
func (b *browser) look(width int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, 740))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// audited looks for faults on a phone and on a desk, light and dark.
func (b *browser) audited(where string) {
	b.t.Helper()
	for _, width := range []int64{320, 360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			faults, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](audit))
			if err != nil {
				b.t.Fatal(err)
			}
			for _, f := range faults {
				b.t.Errorf("%s, %d px, %s: %s", where, width, scheme, f)
			}
		}
	}
	b.look(1280, "light")
}

// everything is a card of all blocks, for the eye of the audit.
func everything() card.Card {
	c := card.Card{Kind: "test", Summary: "All", Actions: everyCard["actions"].Actions}
	for _, name := range []string{"roles", "spans", "facts", "progress", "rows", "trend"} {
		c.Body = append(c.Body, everyCard[name].Body...)
	}
	return c
}

// The main way through the page, by keyboard where a keyboard would be used.
func TestPageInBrowser(t *testing.T) {
	b := open(t)
	face, _, base := serve(t, func(in conversation.Input) (conversation.Answer, error) {
		used, pressed := in.Act.(conversation.Used)
		switch {
		case pressed && used.Intent.Verb == "goal.create" && used.Values["to"] == "":
			return asks(used.Values, "What should it become?")
		case pressed && used.Intent.Verb == "goal.create":
			return says("G-1 · " + used.Values["title"])
		case pressed:
			return says("pressed " + used.Intent.Verb)
		}
		if _, opened := in.Act.(conversation.Opened); opened {
			c := everything()
			return conversation.Answer{Card: &c, Language: "en"}, nil
		}
		return asks(map[string]string{"title": "Cut CAC"}, "")
	})
	b.look(1280, "light")
	b.do(chromedp.Navigate(base + "/?as=linh"))
	b.audited("the first visit")
	b.click("210, 7/10, waiting for legal") // leads to the direct conversation, with the text in the composer
	b.until(`location.search.includes("at=dm") && document.getElementById("text").value === "210, 7/10, waiting for legal"`)
	b.do(chromedp.Navigate(base + "/?as=linh&at=dm"))

	// "/" shows the commands; an arrow and Tab choose one.
	b.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent("/"))
	b.until(`document.querySelectorAll("#commands [role=option]:not([hidden])").length === 10`)
	b.do(chromedp.KeyEvent(kb.ArrowDown))
	b.until(`document.getElementById("text").getAttribute("aria-activedescendant") === "command-0"`)
	b.audited("the commands")
	b.do(chromedp.KeyEvent(kb.Tab))
	b.until(`document.getElementById("text").value.startsWith("/goal ") && document.getElementById("commands").hidden`)

	// The form opens with the focus in its first field, and keeps what was typed when something is wrong.
	b.enter("Cut CAC")
	b.until(`!!document.querySelector("dialog:modal") && document.activeElement.name === "v.title"`)
	b.audited("the form")
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.value = "Cut CAC by half"`))
	b.click("Save")
	b.until(`document.activeElement.name === "v.to" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	b.until(`document.querySelector("[name='v.title']").value === "Cut CAC by half"`)
	b.until(`document.activeElement.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent).join(" / ") === "such as $150 / What should it become?"`)
	b.audited("the form with an error")
	b.enter("$150") // Enter submits
	b.until(`!document.querySelector("dialog") && document.getElementById("log").innerText.includes("G-1 · Cut CAC by half")`)
	b.until(`document.activeElement.id === "text" && document.activeElement.value === ""`)

	// What the bot writes arrives by itself; what it writes to others is marked.
	m := &conversation.Message{Key: "all", To: conversation.Address{Person: "linh"}, Card: everything(), Language: "en"}
	if _, err := face.Post(t.Context(), playground.Workspace, m, ""); err != nil {
		t.Fatal(err)
	}
	b.until(`document.getElementById("log").innerText.includes("headline")`)
	if _, err := face.Post(t.Context(), playground.Workspace, message("sam", conversation.Address{Person: "sam"}, "Morning, Sam"), ""); err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelector("#as-sam .new")?.innerText.includes("1")`)
	b.audited("a conversation")

	b.click("Later")
	b.click("Tomorrow")
	b.until(`document.getElementById("log").innerText.includes("pressed snooze")`)

	// Half-typed text survives a change of the page.
	b.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent("half a tho"))
	b.until(`document.getElementById("text").value === "half a tho"`)
	b.click("Mon 09:00")
	b.until(`document.getElementById("status").textContent === "It is now Monday 30 November, 09:00 in Hanoi."`)
	b.until(`document.getElementById("text").value === "half a tho"`)

	b.click("Tiếng Việt")
	b.until(`document.documentElement.lang === "vi" && document.getElementById("at-home").innerText === "Mục tiêu"`)
	b.audited("Vietnamese")
	b.do(chromedp.Navigate(base + "/?as=linh&at=home"))
	b.audited("home")
}
