/* The speaker's own key stays in this browser: the list "my matters", the link's fragment on the follow page, and forgetting.
   localStorage "minan-matters" = [{code, secret, title, said_at, url}], newest first, 40 at most. Nothing of it goes into an address.

   On the receipt page:   <div data-receipt data-code="…" data-secret="…" data-title="…" data-url="/m/…/">  → kept
   On the follow page:    <form method="post" data-follow-form><input name="secret" …>  → filled from # or from the list and sent once
   On home and "mine":    <div data-mine data-follow="/m/" data-forget="…">             → drawn */
(function () {
  "use strict";
  const NAME = "minan-matters";
  const MOST = 40;
  let store;
  try { store = window.localStorage; store.getItem("x"); } catch (error) { return; }

  function all() {
    try {
      const list = JSON.parse(store.getItem(NAME) || "[]");
      return Array.isArray(list) ? list.filter(function (one) { return one && typeof one.code === "string"; }) : [];
    } catch (error) { return []; }
  }
  function write(list) { try { store.setItem(NAME, JSON.stringify(list.slice(0, MOST))); } catch (error) { /* full or refused */ } }
  function bare(code) { return String(code || "").replace(/[^0-9A-Za-z]/g, "").toUpperCase(); }
  function keep(one) {
    const others = all().filter(function (old) { return bare(old.code) !== bare(one.code); });
    const before = all().find(function (old) { return bare(old.code) === bare(one.code); }) || {};
    write([Object.assign({}, before, one)].concat(others));
  }
  function find(code) { return all().find(function (one) { return bare(one.code) === bare(code); }); }
  function path(url) { return typeof url === "string" && /^\/(?![/\\])/.test(url) ? url : ""; }

  document.querySelectorAll("[data-receipt]").forEach(function (box) {
    keep({ code: box.dataset.code, secret: box.dataset.secret, title: (box.dataset.title || "").slice(0, 60), said_at: box.dataset.at || new Date().toISOString(), url: path(box.dataset.url) });
  });

  const form = document.querySelector("form[data-follow-form]");
  function taken(code) { // the secret behind #, out of the address bar and of the history; "" where there is none
    let fragment = "";
    try { fragment = decodeURIComponent(location.hash.slice(1)); } catch (error) { fragment = ""; }
    if (!fragment || document.getElementById(fragment)) return "";
    history.replaceState(null, "", location.pathname + location.search);
    if (code) keep({ code: code, secret: fragment, url: location.pathname });
    return fragment;
  }
  function follow() {
    const code = form.dataset.code || (form.elements.code && form.elements.code.value) || "";
    const fragment = taken(code);
    if (fragment) {
      form.elements.secret.value = fragment;
      form.requestSubmit();
    } else if (code && !form.elements.secret.value && form.dataset.failed === undefined) {
      const known = find(code);
      if (known && known.secret) { form.elements.secret.value = known.secret; form.requestSubmit(); }
    }
  }
  if (form) {
    follow();
    window.addEventListener("hashchange", follow);
  } else if (document.querySelector("form[data-forget-code]")) { // entered before: nothing to send, but the secret must not stay
    const entered = function () { taken(""); };
    entered();
    window.addEventListener("hashchange", entered);
  }

  function card(box, one) {
    const article = document.createElement("article");
    article.className = "sheet matter stack-s";
    const head = document.createElement("div");
    head.className = "row row--apart";
    const said = document.createElement("span");
    said.className = "small quiet";
    const day = new Date(one.said_at);
    said.textContent = isNaN(day) ? "" : (box.dataset.said || "") + " " + day.toLocaleDateString(document.documentElement.lang);
    const code = document.createElement("span");
    code.className = "code tiny faint less";
    code.textContent = bare(one.code).replace(/(.{5})(?=.)/g, "$1-");
    head.append(said, code);
    const title = document.createElement("h3");
    const link = document.createElement("a");
    link.href = path(one.url) || (path(box.dataset.follow) + "?code=" + encodeURIComponent(bare(one.code)));
    link.textContent = one.title || code.textContent;
    title.append(link);
    const forget = document.createElement("button");
    forget.type = "button";
    forget.className = "btn btn--link small";
    forget.textContent = box.dataset.forget || "×";
    forget.addEventListener("click", function () {
      write(all().filter(function (other) { return bare(other.code) !== bare(one.code); }));
      article.remove();
    });
    article.append(head, title, forget);
    return article;
  }
  document.querySelectorAll("[data-mine]").forEach(function (box) {
    const most = Number(box.dataset.most || 3);
    all().filter(function (one) { return !(box.dataset.skip || "").split(" ").includes(bare(one.code)); }).slice(0, most).forEach(function (one) { box.append(card(box, one)); });
    document.querySelectorAll("[data-mine-empty]").forEach(function (empty) { empty.hidden = all().length > 0; });
  });

  document.querySelectorAll("form[data-forget-code]").forEach(function (leaving) {
    leaving.addEventListener("submit", function () { write(all().filter(function (one) { return bare(one.code) !== bare(leaving.dataset.forgetCode); })); });
  });
  document.querySelectorAll("[data-forget-all]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      Object.keys(store).filter(function (name) { return name.startsWith("minan-"); }).forEach(function (name) { store.removeItem(name); });
      button.disabled = true;
    });
  });
})();
