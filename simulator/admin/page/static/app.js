// The page works without this: it follows the event stream, and copies text.
(() => {
  "use strict";
  let source = null, last = null, address = null, failures = 0, polling = null, again = null;
  let late = false, waiting = null, begun = 0, rested = 0;

  const BUSY = ".htmx-request, .htmx-swapping, .htmx-settling";

  function changed() {
    late = true;
    catchUp(0);
  }
  function catchUp(delay) {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (!late) return;
      if (document.querySelector(BUSY)) return;  // a part that is fetched or not settled hears of nothing: afterwards
      const now = performance.now();
      if (now < rested) { catchUp(rested - now); return; }
      late = false;
      begun = now;
      htmx.trigger(document.body, "changes");
    }, delay);
  }
  function fetched() {  // what takes long is asked for less often
    if (begun && !document.querySelector(".htmx-request")) {
      const now = performance.now();
      rested = now + Math.min(2 * (now - begun), 10000);
      begun = 0;
    }
    catchUp(50);
  }
  const close = () => { if (source) source.close(); source = null; };

  function poll() {  // where no stream can be had
    if (!polling) polling = setInterval(() => { if (!document.hidden) changed(); }, 2000);
  }
  function streams() {
    failures = 0;
    clearInterval(polling);
    polling = null;
  }

  function open() {
    const shell = document.getElementById("shell");
    const wanted = shell && shell.dataset.events;
    if (wanted !== address) {
      close();
      clearTimeout(again);
      again = null;
      address = wanted;
      last = shell ? shell.dataset.after : null;
      streams();
    }
    if (!address || source || again || document.hidden) return;
    source = new EventSource(`${address}${address.includes("?") ? "&" : "?"}after=${last}`);
    source.addEventListener("changes", (event) => {
      last = event.lastEventId;
      streams();
      if (JSON.parse(event.data).events.length) changed();
    });
    source.onerror = () => {  // a browser gives up on a refusal, and would forget how far it had come
      if (source.readyState !== EventSource.CLOSED) return;
      close();
      failures += 1;
      if (failures > 1) poll();
      again = setTimeout(() => { again = null; open(); }, Math.min(500 * 2 ** failures, 30000));
    };
  }

  document.addEventListener("visibilitychange", () => {  // a browser opens six streams a host
    if (document.hidden) close(); else { open(); changed(); }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  document.addEventListener("htmx:afterSettle", () => { open(); catchUp(50); });
  document.addEventListener("htmx:afterRequest", fetched);
  document.addEventListener("htmx:beforeSwap", (event) => {  // an error has no such part, and would leave a hole
    const { boosted, xhr } = event.detail;
    if (xhr.status >= 400) {
      event.detail.shouldSwap = boosted;
      if (boosted) {
        event.detail.target = document.getElementById("shell");
        event.detail.selectOverride = "#shell";
      } else if (xhr.status === 404) location.reload();  // the world is closed, or the call gone: the view says so
    }
    if (event.detail.shouldSwap) remember(event.detail);
  });
  document.addEventListener("DOMContentLoaded", open);

  let left = null;  // where somebody was on a button that is another one afterwards
  const PART = "section[aria-label]";
  const buttons = (part) => [...(part || document).querySelectorAll("button")];
  function remember({ target, requestConfig }) {  // whoever follows a link goes to another place
    const button = document.activeElement;
    if (button.tagName !== "BUTTON" || requestConfig.elt.tagName === "A" || !target.contains(button)) return;
    const part = button.closest(PART);
    left = { name: part && part.getAttribute("aria-label"), place: buttons(part).indexOf(button) };
  }
  document.addEventListener("htmx:afterSettle", () => {
    if (!left) return;
    const { name, place } = left;
    left = null;
    if (document.activeElement !== document.body) return;
    const part = [...document.querySelectorAll(PART)].find((one) => one.getAttribute("aria-label") === name);
    (buttons(part)[place] || document.getElementById("main")).focus({ preventScroll: true });
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy).textContent;
    navigator.clipboard.writeText(text).then(() => { button.textContent = "Copied"; });
  });
})();
