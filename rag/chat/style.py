"""The look of the chat, and the few lines of script that it needs."""

from __future__ import annotations

FONTS = (
    "system-ui",
    "Segoe UI",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    "Tahoma",
    "sans-serif",
)
MONO = ("ui-monospace", "Consolas", "DejaVu Sans Mono", "monospace")

CSS = """
.gradio-container { max-width: 1280px !important; margin: 0 auto; }
html[dir=rtl] .block[dir=ltr], html[dir=rtl] .block [data-testid=block-info] { direction: rtl; }
footer { display: none !important; }
#sanad-head h1 { font-size: 1.5rem; margin: 0; } #sanad-head p { margin: 0; opacity: .75; }
#sanad-language { border: 0; box-shadow: none; background: none; padding: 0; }
#sanad-language > span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
#sanad-language .wrap { justify-content: flex-end; }
#sanad-log { min-height: 18rem; }
.sanad-empty { padding: 2rem 1rem; text-align: center; opacity: .75; }
.sanad-examples { display: flex; flex-wrap: wrap; gap: .5rem; justify-content: center; margin-top: 1rem; }
.sanad-examples button { border: 1px solid var(--border-color-primary); border-radius: 1rem; cursor: pointer;
  padding: .35rem .9rem; background: var(--background-fill-secondary); color: inherit; font: inherit; }
.sanad-turn { margin-bottom: 1.4rem; }
.sanad-turn p { margin: .3rem 0; line-height: 1.75; text-align: start; }
.sanad-question { background: var(--color-accent-soft); border-radius: .8rem; padding: .35rem .9rem;
  width: fit-content; max-width: 90%; margin-inline-start: auto; margin-bottom: .5rem; font-weight: 500; }
.sanad-answer { padding-inline: .2rem; } .sanad-answer > p { font-size: 1.06rem; }
.sanad-chip { display: inline-block; min-width: 1.6em; padding: 0 .4em; margin-inline: .15em; cursor: pointer;
  border: 1px solid var(--color-accent); border-radius: .8em; font: inherit; font-size: .8em; line-height: 1.55;
  text-align: center; color: var(--body-text-color); background: var(--color-accent-soft); }
button.sanad-chip:hover, button.sanad-chip:focus-visible { background: var(--color-accent); color: #fff; }
button.sanad-chip:focus-visible, .sanad-cited:focus-visible { outline: 2px solid var(--color-accent); }
.sanad-sources { list-style: none; margin: .6rem 0 0; padding: 0; }
.sanad-sources li { border-inline-start: 3px solid var(--color-accent); padding-inline-start: .8rem;
  margin: 0 0 .7rem; }
.sanad-origin { font-size: .85rem; opacity: .9; margin-bottom: .2rem; overflow-wrap: anywhere; }
.sanad-title { font-weight: 600; }
.sanad-quote { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; }
.sanad-quote blockquote { flex: 3 1 16rem; margin: 0 !important; padding: 0 !important; border: 0 !important; line-height: 1.8; text-align: start; }
.sanad-quote .sanad-rendering { flex: 1 1 9rem; margin: 0; font-weight: 600; }
.sanad-rendering small { font-weight: 400; opacity: .75; display: block; }
.sanad-turn mark, .sanad-article mark { background: #ffd76a; color: #1c1a12; border-radius: .2em; padding: 0 .1em; }
.sanad-unverified { text-decoration: underline dotted #b4530a; text-underline-offset: .25em; }
.sanad-unverified small, .sanad-note { color: #b4530a; } .dark .sanad-unverified small, .dark .sanad-note { color: #ffb066; }
.sanad-searched, .sanad-meta, .sanad-also, .sanad-label { font-size: .85rem !important; opacity: .8; }
#sanad-panel { max-height: 82vh; overflow: auto !important; border: 1px solid var(--border-color-primary); border-radius: .8rem;
  padding: .8rem 1rem; position: sticky; top: .5rem; }
.sanad-article p { line-height: 1.85; margin: .6rem 0; text-align: start; white-space: pre-line; }
.sanad-article header { border-bottom: 1px solid var(--border-color-primary); padding-bottom: .4rem; }
.sanad-cited { background: rgba(255, 215, 106, .32); border-radius: .2em; }
textarea[dir=rtl] { text-align: right; } textarea[dir=ltr] { text-align: left; }
@media (max-width: 720px) { #sanad-panel { position: static; max-height: none; } .sanad-question { max-width: 100%; } }
@media (prefers-reduced-motion: no-preference) {
  .sanad-working span { animation: sanad-pulse 1.2s infinite; } @keyframes sanad-pulse { 50% { opacity: .2; } } }
"""

# The question box turns to the direction of most of its letters while one types. Served as a file, so
# that no inline script needs to be allowed.
PAGE_SCRIPT = """document.addEventListener('input', function (event) {
  var box = event.target;
  if (!box.matches || !box.matches('#sanad-question textarea')) return;
  var arabic = (box.value.match(/[\\u0620-\\u06ff]/g) || []).length;
  var latin = (box.value.match(/[A-Za-z]/g) || []).length;
  box.dir = arabic === latin ? document.documentElement.dir || 'auto' : arabic > latin ? 'rtl' : 'ltr';
}, true);
"""

# Buttons in our HTML name what they open; the server looks it up.
ON_LOAD = """element.addEventListener('click', function (event) {
  var button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.open) trigger('click', {open: button.dataset.open});
  if (button.dataset.example) trigger('example_select', {example: button.dataset.example});
});"""

SHOW_CITED = """() => { setTimeout(function () {
  var cited = document.getElementById('sanad-cited'), panel = document.getElementById('sanad-panel');
  if (!cited || !panel) return;
  cited.focus({preventScroll: true});
  if (window.matchMedia('(max-width: 720px)').matches) cited.scrollIntoView({block: 'center'});
  else panel.scrollTop += cited.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
}, 60); }"""

SHOW_LAST = """() => { setTimeout(function () {
  var turns = document.querySelectorAll('.sanad-turn');
  if (turns.length) turns[turns.length - 1].scrollIntoView({block: 'nearest', behavior: 'auto'});
}, 60); }"""

TURN_PAGE = """(ui, now) => {
  document.documentElement.dir = ui === 'ar' ? 'rtl' : 'ltr';
  document.documentElement.lang = ui;
  localStorage.setItem('sanad-ui', ui);
  var box = document.querySelector('#sanad-question textarea');
  if (box && !box.value) box.dir = document.documentElement.dir;
  return [ui, now];
}"""

FIRST_PAGE = """(ui, now) => {
  var kept = localStorage.getItem('sanad-ui') || ((navigator.language || '').startsWith('ar') ? 'ar' : 'en');
  document.documentElement.dir = kept === 'ar' ? 'rtl' : 'ltr';
  document.documentElement.lang = kept;
  return [kept, now];
}"""
