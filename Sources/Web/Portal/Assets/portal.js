// The pages work without this. It puts times into the reader's time zone, closes menus, warns
// before an idle session ends and says what has just happened.
"use strict";

const language = document.documentElement.lang;

function localTimes(root) {
  const full = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
  for (const time of root.querySelectorAll("time[data-at]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.textContent = (time.dataset.at === "clock" ? clock : full).format(at);
    }
  }
}

function menus() {
  const open = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

function toast(text, kind, href) {
  const shelf = document.getElementById("toasts");
  const notice = document.createElement("div");
  notice.className = `notice ${kind}`;
  const line = document.createElement(href ? "a" : "p");
  if (href) line.href = href;
  line.textContent = text;
  notice.append(line);
  shelf.append(notice);
  while (shelf.children.length > 3) shelf.firstElementChild.remove();
  return notice;
}

function listen() {
  const shelf = document.getElementById("toasts");
  if (!shelf || !shelf.dataset.events || !window.EventSource) return;
  const source = new EventSource(shelf.dataset.events);
  source.addEventListener("notice", (event) => {
    const { text, kind, href } = JSON.parse(event.data);
    if (typeof text === "string") toast(text, kind === "alarm" ? "alarm" : "waiting", href);
  });
  source.addEventListener("end", () => source.close());
  window.addEventListener("pagehide", () => source.close());
}

// Two minutes before the session ends a page warns; when it has ended, what the page shows goes. Pages of
// one session tell each other when one of them is used.
function warnWhenIdle() {
  const shelf = document.getElementById("toasts");
  const [idle, warn, left] = ["idle", "warn", "left"].map((name) => Number(shelf && shelf.dataset[name]));
  if (!(idle > warn)) return;
  const channel = window.BroadcastChannel ? new BroadcastChannel("peerchart-session") : null;
  const began = Date.now();
  const later = (work, seconds) => setTimeout(work, Math.max(0, seconds) * 1000);
  let timers = [];
  let notice = null;

  function begin() {
    for (const timer of timers) clearTimeout(timer);
    if (notice) notice.remove();
    const remaining = left - (Date.now() - began) / 1000;
    const isEnding = remaining <= idle;
    const end = Math.min(idle, remaining);
    timers = [
      later(() => {
        notice = toast(isEnding ? shelf.dataset.ending : shelf.dataset.warning, "waiting");
        if (!isEnding) notice.append(stay());
      }, end - warn),
      later(() => location.replace("/sign-in?done=idle"), end + 1),
    ];
  }

  function stay() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button compact";
    button.textContent = shelf.dataset.stay;
    button.addEventListener("click", async () => {
      const answer = await fetch("/security", { method: "HEAD", redirect: "error" }).catch(() => null);
      if (!answer || !answer.ok) return;
      if (channel) channel.postMessage("used");
      begin();
    });
    return button;
  }

  if (channel) {
    channel.addEventListener("message", begin);
    channel.postMessage("used");
  }
  begin();
}

function copyButtons() {
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

// The form carries what the browser is asked and, once it has answered, the answer.
function passkeys() {
  const forms = document.querySelectorAll("form[data-passkey]");
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) return;
  for (const form of forms) {
    const button = form.querySelector("button[type=submit]");
    const answer = form.elements.namedItem("answer");
    form.hidden = false;
    button.disabled = false;
    for (const hint of form.querySelectorAll("[data-without-script]")) hint.hidden = true;
    form.addEventListener("submit", async (event) => {
      if (answer.value) return;
      event.preventDefault();
      button.disabled = true;
      try {
        const options = JSON.parse(form.dataset.options);
        const credential = form.dataset.passkey === "create"
          ? await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
          })
          : await navigator.credentials.get({
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
          });
        answer.value = JSON.stringify(credential.toJSON());
        form.submit();
      } catch {
        button.disabled = false;
        let wrong = form.querySelector(".wrong");
        if (!wrong) {
          wrong = document.createElement("p");
          wrong.className = "wrong";
          wrong.setAttribute("role", "alert");
          form.append(wrong);
        }
        wrong.textContent = form.dataset.failed;
      }
    });
  }
}

localTimes(document);
passkeys();
menus();
listen();
warnWhenIdle();
copyButtons();
