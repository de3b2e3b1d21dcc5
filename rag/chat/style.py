"""The page's look. Logical properties throughout, so that mirroring is the document's direction alone."""

FONTS = (
    "system-ui", "Segoe UI", "Noto Sans", "Noto Sans Arabic", "Noto Naskh Arabic", "Tahoma", "sans-serif",
)  # fmt: skip
MONO = ("ui-monospace", "Consolas", "DejaVu Sans Mono", "monospace")

STYLE = """
:root { --s-line: #d9dee4; --s-soft: #f3f6f8; --s-ink: #17212b; --s-dim: #5c6b7a; --s-card: #fff;
  --s-accent: #0f6b66; --s-accent-soft: #dff0ee; --s-mark: #ffe28a; --s-warn: #a5480b; --s-page: #fbfcfd; }
.dark { --s-line: #334150; --s-soft: #1c2733; --s-ink: #e8edf2; --s-dim: #9fb0c0; --s-card: #16202b;
  --s-accent: #5cc9bf; --s-accent-soft: #17423f; --s-mark: #8a6a00; --s-warn: #ffb066; --s-page: #0f1720; }
html, body, gradio-app, .gradio-container { background: var(--s-page) !important; }
body, gradio-app, .gradio-container { overflow-x: clip; }
.gradio-container { max-width: 1500px !important; margin: 0 auto !important; padding: 0 1rem !important;
  color: var(--s-ink); }
.gradio-container footer:not(.foot) { display: none !important; }
.gradio-container .html-container { padding: 0 !important; }
[dir=rtl] .gradio-container, [dir=rtl] .gradio-container .block, [dir=rtl] .gradio-container .html-container { direction: rtl !important; }
.gradio-container main.fillable { padding: .4rem .6rem 1rem !important; }
.gradio-container h1, .gradio-container h2, .gradio-container h3 { line-height: 1.4; margin: 0; }
.gradio-container .html-container ul, .gradio-container .html-container ol { list-style: none; margin: 0; padding: 0; }
.gradio-container label > span, .gradio-container .block { text-align: start; }
.sr { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
bdi { unicode-bidi: isolate; }
#head .html-container > div { display: flex; align-items: center; gap: 1rem; flex-wrap: wrap; }
#head .brand { flex: 1; } #head h1 { font-size: 1.5rem; font-weight: 700; margin: .6rem 0 0; color: var(--s-accent); }
#head .brand p { margin: 0 0 .3rem; color: var(--s-dim); font-size: .92rem; }
#head .controls { display: flex; gap: .5rem; align-items: center; margin-inline-start: auto; }
#head .controls a, #head .controls button, #exports a { border: 1px solid var(--s-line); border-radius: .5rem;
  padding: .3rem .8rem; color: var(--s-ink); background: var(--s-card); text-decoration: none; cursor: pointer;
  font-size: .95rem; line-height: 1.5; }
#columns { align-items: flex-start; gap: 1.2rem; }
#side { position: sticky; top: .5rem; gap: .6rem; } #conversations { max-height: 52vh; overflow-y: auto; }
#conversations .wrap { flex-direction: column; flex-wrap: nowrap; gap: .25rem; }
#conversations label { inline-size: 100%; white-space: nowrap; overflow: hidden; border-radius: .5rem; padding: .35rem .6rem; }
#conversations label { gap: .5rem; } #conversations label span { margin: 0 !important; overflow: hidden; text-overflow: ellipsis; unicode-bidi: plaintext; }
#exports .html-container > div { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; font-size: .88rem; }
#exports .label { color: var(--s-dim); }
#past, #live { overflow: visible !important; }
.turn { margin: 0 0 1.6rem; color: var(--s-ink); }
.asked { background: var(--s-accent-soft); border-radius: .9rem; padding: .5rem 1rem; inline-size: fit-content;
  max-inline-size: 88%; margin-inline-start: auto; margin-block-end: .6rem; font-weight: 500; }
.asked p { margin: 0 !important; color: var(--s-ink); }
.answer { background: var(--s-card); border: 1px solid var(--s-line); border-radius: .9rem; padding: .8rem 1.1rem; }
.answer > p { font-size: 1.08rem; line-height: 1.8; margin: .2rem 0 .5rem; text-align: start; color: var(--s-ink); }
.answer.abstained > p:first-child { color: var(--s-dim); font-weight: 600; }
.chip { display: inline-block; min-inline-size: 1.6em; padding: 0 .45em; margin-inline: .15em; border-radius: 1em;
  border: 1px solid var(--s-accent); background: var(--s-accent-soft); color: var(--s-accent); font: inherit;
  font-size: .78em; font-weight: 700; line-height: 1.6; text-align: center; vertical-align: .1em; }
.turn .chip { font-size: .78rem !important; } button.chip { cursor: pointer; } button.chip:hover, button.chip[aria-expanded=true] { background: var(--s-accent); color: var(--s-card); }
.turn button:focus-visible, .library button:focus-visible, #head a:focus-visible, #head button:focus-visible, .drop:focus-within,
  .panel button:focus-visible { outline: 3px solid var(--s-accent); outline-offset: 2px; }
.sources h3, .nearest h3 { font-size: .85rem; color: var(--s-dim); margin: .8rem 0 .3rem; font-weight: 600; }
.sources ol, .nearest ul { list-style: none; margin: 0; padding: 0; }
.sources li { display: flex; gap: .6rem; border-block-start: 1px solid var(--s-line); padding: .55rem 0; align-items: baseline; }
.sources li > div { flex: 1; min-inline-size: 0; }
.where { font-size: .85rem; color: var(--s-dim); margin: 0; overflow-wrap: anywhere; text-align: start; }
.where strong { color: var(--s-ink); font-weight: 600; }
.pair { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; margin-block-start: .25rem; }
.turn blockquote { flex: 3 1 15rem; margin: 0; padding: 0 .8rem; border: 0; border-inline-start: 3px solid var(--s-accent);
  line-height: 1.8; text-align: start; color: var(--s-ink); font-style: normal; }
.rendering { flex: 1 1 9rem; margin: 0 !important; font-weight: 600; text-align: start; color: var(--s-ink); }
.rendering .label { display: block; font-weight: 400; font-size: .8rem; color: var(--s-dim); }
.gloss { font-size: .88rem; color: var(--s-dim); margin-block-start: .3rem; text-align: start; }
.gloss summary { cursor: pointer; } .gloss p { margin: .25rem 0 0; line-height: 1.6; color: var(--s-ink); }
.also, .searched, .state, .foot { font-size: .85rem; color: var(--s-dim); text-align: start; }
.also { margin: .3rem 0 0; } .answer > .searched { font-size: .88rem; color: var(--s-dim); }
mark { background: var(--s-mark); color: inherit; border-radius: .2em; padding: 0 .08em; }
.unverified { text-decoration: underline dotted var(--s-warn); text-underline-offset: .25em; }
.unverified .why { color: var(--s-warn); margin-inline: .4em; text-decoration: none; display: inline-block; }
.notice { border: 1px solid var(--s-warn); border-radius: .7rem; padding: .5rem .9rem; color: var(--s-ink); }
.notice strong { color: var(--s-warn); } .notice p { margin: .1rem 0; color: var(--s-ink); text-align: start; }
.nearest .open { display: block; inline-size: 100%; text-align: start; background: none; border: 0; padding: .55rem 0; font: inherit;
  border-block-start: 1px solid var(--s-line); cursor: pointer; color: var(--s-ink); }
.nearest .open:hover .passage { color: var(--s-accent); } .nearest .passage { display: block; line-height: 1.7; text-align: start; }
.foot { display: flex; flex-wrap: wrap; gap: .3rem .5rem; align-items: center; margin-block-start: .5rem; }
.thumbs { margin-inline-start: auto; } .thumb { background: none; border: 1px solid transparent; border-radius: .5rem;
  padding: .1rem .4rem; cursor: pointer; opacity: .65; filter: grayscale(1); } .thumb:hover, .thumb[aria-pressed=true] {
  opacity: 1; filter: none; border-color: var(--s-line); }
.remark { display: flex; gap: .4rem; inline-size: 100%; } .remark[hidden] { display: none; }
.remark input, .library .find { flex: 1; border: 1px solid var(--s-line); border-radius: .5rem; padding: .35rem .7rem;
  background: var(--s-card); color: var(--s-ink); inline-size: 100%; }
.remark button, .list button { border: 1px solid var(--s-line); border-radius: .5rem; background: var(--s-card); color: var(--s-ink);
  padding: .2rem .7rem; cursor: pointer; font-size: .85rem; }
.list button.remove { color: var(--s-warn); }
.welcome { text-align: center; padding: 2.5rem 1rem; color: var(--s-ink); } .welcome h2 { font-size: 1.35rem; margin: 0 0 .4rem; }
.welcome p { color: var(--s-dim); max-inline-size: 34rem; margin: 0 auto 1.2rem; line-height: 1.7; }
.examples { display: flex; flex-wrap: wrap; gap: .6rem; justify-content: center; }
.example { border: 1px solid var(--s-line); border-radius: 1.2rem; padding: .45rem 1.1rem; background: var(--s-card);
  color: var(--s-ink); cursor: pointer; font: inherit; } .example:hover { border-color: var(--s-accent); }
#asking { position: sticky; bottom: .6rem; background: var(--s-card); border: 1px solid var(--s-line); border-radius: .9rem;
  padding: .5rem; align-items: center; z-index: 5; box-shadow: 0 4px 16px rgb(0 0 0 / 8%); flex-wrap: nowrap; gap: .5rem; }
#asking textarea { border: 0 !important; box-shadow: none !important; background: transparent !important; font-size: 1.05rem; }
#asking button { flex-grow: 0; white-space: nowrap; min-width: max-content !important; padding-inline: 1rem; }
.panel { border: 1px solid var(--s-line); border-radius: .9rem; background: var(--s-card); padding: .9rem 1.1rem; color: var(--s-ink);
  max-block-size: 84vh; overflow-y: auto; overflow-wrap: anywhere; } #beside { position: sticky; top: .5rem; }
.panel-head { display: flex; gap: .6rem; align-items: flex-start; border-block-end: 1px solid var(--s-line); padding-block-end: .5rem; }
.panel-head > div { flex: 1; } .panel-head h2 { font-size: 1.02rem; margin: 0 0 .2rem; line-height: 1.5; text-align: start; outline: none; }
.close { border: 0; background: none; font-size: 1.7rem !important; line-height: 1; cursor: pointer; color: var(--s-dim); padding: 0 .3rem; }
.panel .text p { line-height: 1.9; margin: .7rem 0; text-align: start; color: var(--s-ink); }
.panel .text .title { font-weight: 700; } .panel .text .boilerplate, .panel .text .repeat { color: var(--s-dim); font-size: .92em; }
.library { display: block; } .drop { display: block; border: 2px dashed var(--s-line); border-radius: .9rem; padding: 1.4rem 1rem;
  text-align: center; cursor: pointer; background: var(--s-card); color: var(--s-ink); } .drop.over { border-color: var(--s-accent); background: var(--s-accent-soft); }
.drop strong, .drop small { display: block; } .drop small { color: var(--s-dim); margin: .3rem 0 .6rem; } .drop input { max-inline-size: 100%; color: var(--s-dim); border: 0 !important; background: none !important; box-shadow: none !important; inline-size: auto; }
.drop input::file-selector-button { border: 1px solid var(--s-line); border-radius: .5rem; background: var(--s-soft); color: var(--s-ink);
  padding: .3rem .9rem; margin-inline-end: .6rem; cursor: pointer; font: inherit; }
.verdicts { list-style: none; padding: 0; margin: .6rem 0; } .verdicts li { padding: .25rem 0; color: var(--s-ink); }
.verdicts .refused b { color: var(--s-warn); } .verdicts b { margin-inline-end: .5rem; }
.found { display: flex; gap: 1.2rem; margin-block-start: .8rem; align-items: flex-start; } .found > div { flex: 3; min-inline-size: 0; } .found > .panel { flex: 2; }
.found > .panel:empty { display: none; }
.list { inline-size: 100%; border-collapse: collapse; margin: .6rem 0; color: var(--s-ink); }
.list th, .list td { text-align: start; padding: .45rem .6rem; border: 0; border-block-end: 1px solid var(--s-line); vertical-align: top; }
.list th { font-size: .85rem; color: var(--s-dim); font-weight: 600; } .list small { color: var(--s-dim); overflow-wrap: anywhere; }
.list p { margin: .15rem 0; text-align: start; line-height: 1.6; } .list .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
.actions { white-space: nowrap; } .actions button + button { margin-inline-start: .4rem; } .wide { overflow-x: auto; inline-size: 0; min-inline-size: 100%; }
.bar { display: inline-block; inline-size: 3.4rem; block-size: .5rem; background: var(--s-soft); border-radius: .3rem; overflow: hidden;
  margin-inline-end: .4rem; } .bar i { display: block; block-size: 100%; background: var(--s-accent); }
.pulse { display: inline-block; inline-size: .6rem; block-size: .6rem; border-radius: 50%; background: var(--s-accent); margin-inline-end: .5rem; }
@media (prefers-reduced-motion: no-preference) { .pulse { animation: pulse 1.1s infinite; } @keyframes pulse { 50% { opacity: .2; } } }
@media (max-width: 1000px) { #columns { flex-wrap: wrap; } #side, #beside { position: static; } #side { order: 3; flex-basis: 100%; }
  #talk { order: 1; flex-basis: 100%; } #beside { order: 2; flex-basis: 100%; } .panel { max-block-size: 70vh; } }
@media (max-width: 700px) { #asking { flex-wrap: wrap; } #asking > :first-child { flex-basis: 100%; min-width: 100% !important; }
  .gradio-container { padding: 0 .5rem !important; } .found { flex-direction: column; } .found > .panel { inline-size: 100%; }
  .asked { max-inline-size: 100%; } #head .brand p { display: none; } .list .number, .list th:nth-child(4) { display: none; }
  .wide .list .number { display: table-cell; } .answer { padding: .7rem .8rem; } }
"""
