// A compact accessibility audit of the page as it is drawn; it returns a sentence for every fault.
(() => {
  const faults = [];
  const fault = (what, node) => faults.push(what + ": " + (node ? node.outerHTML.slice(0, 160) : ""));
  const scope = document.querySelector("dialog:modal") || document.body;
  const visible = (node) => {
    const box = node.getBoundingClientRect();
    const style = getComputedStyle(node);
    return box.width > 0 && box.height > 0 && style.visibility !== "hidden" && !node.closest("[aria-hidden=true], .unseen, noscript") &&
      (style.clipPath === "none" || box.width > 1);
  };

  // Names
  const text = (ids) => (ids || "").split(/\s+/).filter(Boolean).map((id) => document.getElementById(id)?.textContent || "").join(" ");
  const name = (node) => (text(node.getAttribute("aria-labelledby")) || node.getAttribute("aria-label") ||
    [...(node.labels || [])].map((l) => l.textContent).join(" ") ||
    (node.matches("input, select, textarea") ? "" : node.textContent)).trim();
  for (const node of scope.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea, dialog, nav, [role=log], [role=progressbar], [tabindex='0']")) {
    if (node.closest("[aria-hidden=true], noscript")) continue;
    if (!name(node)) fault("no accessible name", node);
  }
  for (const node of document.querySelectorAll("[aria-describedby], [aria-labelledby], [aria-controls]")) {
    for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls"]) {
      for (const id of (node.getAttribute(attribute) || "").split(/\s+/).filter(Boolean)) {
        if (!document.getElementById(id)) fault(attribute + " leads nowhere", node);
      }
    }
  }

  // Outline
  if (document.querySelectorAll("h1").length !== 1) fault("not exactly one h1");
  for (const landmark of ["header", "main", "nav"]) if (!document.querySelector(landmark)) fault("no " + landmark);
  if (!["en", "vi"].includes(document.documentElement.lang)) fault("no language");
  for (const card of document.querySelectorAll(".card")) if (!["en", "vi"].includes(card.lang)) fault("a card without a language", card);
  const ids = [...document.querySelectorAll("[id]")].map((n) => n.id);
  for (const id of ids.filter((id, n) => ids.indexOf(id) !== n)) fault("id twice: " + id);
  if (document.documentElement.scrollWidth > innerWidth) fault("the page scrolls sideways: " + document.documentElement.scrollWidth);

  // Targets and contrast
  for (const node of scope.querySelectorAll("button, summary, input:not([type=hidden]), select, textarea, nav a")) {
    const box = node.getBoundingClientRect();
    if (visible(node) && (box.height < 24 || box.width < 24)) fault("too small to hit", node);
  }
  const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (c) => (c.match(/[\d.]+/g) || []).map(Number);
  const ground = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.length && (c.length < 4 || c[3] === 1)) return c;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  let looked = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || node.closest("noscript, option, script")) continue;
    const box = node.getBoundingClientRect();
    if (!box.width || getComputedStyle(node).clipPath !== "none" || node.closest(".unseen")) continue;
    const a = light(parse(getComputedStyle(node).color)), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    looked++;
    if (ratio < 4.5) fault("contrast " + ratio.toFixed(2), node);
  }
  if (looked < 5) fault("only " + looked + " texts were looked at");
  return faults;
})()
