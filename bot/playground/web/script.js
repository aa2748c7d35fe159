// The page works by its forms and links alone. This script sends the forms without leaving the page, and
// fetches the page again when the server tells that something changed. What is new is laid over what is there
// node by node, so that focus, scrolling and half-typed text stay.
(() => {
  "use strict";

  const words = document.body.dataset;
  const say = (text) => { document.getElementById("status").textContent = text; };

  // --- Laying a fetched page over this one ---

  const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE && node.id) || null;
  const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

  // What people opened or typed is theirs, not the server's.
  const theirs = (node, name) =>
    (name === "open" && (node.nodeName === "DETAILS" || node.nodeName === "DIALOG")) ||
    (node.id === "commands" && name === "hidden") ||
    (node.id === "text" && (name.startsWith("aria-") || name === "role")) ||
    (node.getAttribute("role") === "option" && (name === "aria-selected" || name === "hidden")) ||
    (name === "disabled" && node.dataset.sending) || name === "aria-busy" || name === "data-sending";

  function layAttributes(old, fresh) {
    for (const { name, value } of [...fresh.attributes]) {
      if (theirs(old, name) || old.getAttribute(name) === value) continue;
      old.setAttribute(name, value);
      if (name === "value" && "value" in old) old.value = value;
    }
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !theirs(old, name)) old.removeAttribute(name);
    }
  }

  function lay(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    layAttributes(old, fresh);
    if (old.id === "status" || old.nodeName === "TEXTAREA" || old.nodeName === "NOSCRIPT") return;
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const match = find(at, child);
      if (!match) {
        const added = document.importNode(child, true);
        if (added.classList && old.id === "log") added.classList.add("arrived");
        old.insertBefore(added, at);
        // Conversations keep to their end by themselves; home begins at its top.
        if (old.id === "log" && added.scrollIntoView && document.querySelector("main.at-home")) {
          added.scrollIntoView({ block: "nearest" });
        }
        continue;
      }
      while (at !== match) at = remove(at);
      lay(match, child);
      at = match.nextSibling;
    }
    while (at) at = remove(at);
  }

  // find is the next node that the child can be laid over. Nodes with an id match only each other.
  function find(from, child) {
    if (!keyOf(child)) return from && alike(from, child) ? from : null;
    for (let n = from; n; n = n.nextSibling) if (alike(n, child)) return n;
    return null;
  }

  function remove(node) {
    const next = node.nextSibling;
    if (node.nodeName === "DIALOG" && node.open) node.close();
    node.remove();
    return next;
  }

  function show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const focused = document.activeElement;
    document.title = fresh.title;
    document.documentElement.lang = fresh.documentElement.lang;
    lay(document.body, fresh.body);
    present();
    if (focused && !focused.isConnected && document.activeElement === document.body) {
      document.getElementById("text")?.focus({ preventScroll: true });
    }
  }

  // --- Forms in a dialog ---

  let opener = null;

  function present() {
    for (const dialog of document.querySelectorAll("dialog")) {
      if (dialog.matches(":modal")) continue;
      if (!document.activeElement.closest("dialog") && document.activeElement !== document.body) {
        opener = document.activeElement;
      }
      dialog.removeAttribute("open");
      dialog.showModal();
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        dialog.querySelector("[formaction='/play/dismiss']").click();
      });
      const first = dialog.querySelector("[aria-invalid]") || dialog.querySelector(".field :is(input, select, textarea)");
      first?.focus();
    }
    if (opener && !document.querySelector("dialog")) {
      const back = opener.isConnected ? opener : document.getElementById("text");
      opener = null;
      // Closing the dialog focused it already, but while it was still inert: it would show no caret and take no
      // text. Let go of it, and focus it once the page is laid out again.
      document.activeElement.blur();
      document.body.getBoundingClientRect();
      back?.focus({ preventScroll: true });
    }
  }

  // --- Sending and fetching ---

  let wanted = 0; // numbers requests: an older answer never overwrites a newer one
  let shownUpTo = 0;
  let sending = 0;

  async function fetchPage(url, options) {
    const number = ++wanted;
    const answer = await fetch(url, { credentials: "same-origin", ...options });
    const body = await answer.text();
    if (!answer.ok) throw new Error(body);
    if (number > shownUpTo) {
      shownUpTo = number;
      show(body);
    }
  }

  async function refresh() {
    if (sending) return; // what is being sent brings the page along
    try {
      await fetchPage(location.pathname + location.search.replace(/&draft=[^&]*/, ""));
    } catch { /* the stream of events tells when the server is gone */ }
  }

  async function send(form, button) {
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    form.setAttribute("aria-busy", "true");
    const data = new URLSearchParams(new FormData(form, button));
    const text = form.id === "composer" ? form.elements.text : null;
    const sent = text?.value;
    const slow = setTimeout(() => say(words.sending), 400);
    sending++;
    try {
      await fetchPage(button?.getAttribute("formaction") || form.getAttribute("action"), { method: "POST", body: data });
      if (text && text.value.trim() === sent.trim()) text.value = "";
      say(form.getAttribute("action") === "/play/clock" ? document.getElementById("now").dataset.said : "");
    } catch {
      say(words.failed);
    } finally {
      clearTimeout(slow);
      sending--;
      delete form.dataset.sending;
      form.removeAttribute("aria-busy");
      refreshIfMissed();
    }
  }

  let missed = false;
  function refreshIfMissed() {
    if (missed && !sending) { missed = false; refresh(); }
  }

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.target, event.submitter);
  });

  let lost = false;
  const events = new EventSource("/play/events");
  let soon = 0;
  const look = () => {
    if (sending) { missed = true; return; }
    clearTimeout(soon);
    soon = setTimeout(refresh, 60);
  };
  events.addEventListener("changed", look);
  events.addEventListener("tick", look);
  events.addEventListener("hello", () => {
    if (lost) { lost = false; say(""); look(); }
  });
  events.addEventListener("error", () => { lost = true; say(words.lost); });
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // --- The composer and its commands ---

  const options = () => [...document.querySelectorAll("#commands [role=option]:not([hidden])")];
  const chosen = () => document.querySelector("#commands [aria-selected=true]:not([hidden])");

  function offer() {
    const list = document.getElementById("commands");
    const text = document.getElementById("text");
    const typed = text.value.toLowerCase();
    for (const option of list.children) {
      option.hidden = !option.dataset.insert.startsWith(typed);
      option.setAttribute("aria-selected", "false");
    }
    const open = typed.startsWith("/") && options().length > 0 && options().some((o) => o.dataset.insert !== typed);
    list.hidden = !open;
    text.setAttribute("aria-expanded", String(open));
    text.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    document.getElementById("text").setAttribute("aria-activedescendant", option.id);
  }

  function insert(value) {
    const text = document.getElementById("text");
    text.value = value;
    text.focus();
    text.setSelectionRange(value.length, value.length);
    offer();
    document.getElementById("commands").hidden = true;
    text.setAttribute("aria-expanded", "false");
  }

  function composerKeys(event) {
    const text = event.target;
    if (event.isComposing) return; // Vietnamese is typed through an input method
    const list = document.getElementById("commands");
    if (!list.hidden) {
      const all = options();
      const at = all.indexOf(chosen());
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        choose(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
        return;
      }
      if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
        event.preventDefault();
        insert(all[at].dataset.insert);
        return;
      }
      if (event.key === "Escape") {
        list.hidden = true;
        text.setAttribute("aria-expanded", "false");
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (text.value.trim()) text.form.requestSubmit();
    }
  }

  const text = document.getElementById("text");
  if (text) {
    text.setAttribute("role", "combobox");
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-controls", "commands");
    text.setAttribute("aria-expanded", "false");
    text.addEventListener("input", offer);
    text.addEventListener("keydown", composerKeys);
    text.addEventListener("blur", () => setTimeout(() => { document.getElementById("commands").hidden = true; }, 150));
  }

  document.addEventListener("click", (event) => {
    const option = event.target.closest("#commands [role=option]");
    if (option) insert(option.dataset.insert);
    const example = event.target.closest("a.try");
    if (example && document.querySelector(`main.at-${example.dataset.at} #text`)) {
      event.preventDefault();
      insert(example.dataset.insert);
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false;
    }
  });

  // --- Menus: Escape closes, and they open to where there is room ---

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.menu") || !menu.open) return;
    const room = menu.closest("dialog, #scroll") || document.body;
    const mine = menu.getBoundingClientRect();
    const box = menu.querySelector("div").getBoundingClientRect();
    menu.classList.toggle("below", mine.top - room.getBoundingClientRect().top < box.height + 8);
    menu.classList.toggle("leftward", mine.left + box.width > document.documentElement.clientWidth - 8);
  }, true);

  present();
})();
