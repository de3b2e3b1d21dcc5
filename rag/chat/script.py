"""The page's own script: opening citations, uploading, thumbs, direction while typing, light and dark.

It puts no text of its own making into HTML: fragments come escaped from the server, the rest is
``textContent``. Offsets stay numbers that the server cuts at, so UTF-16 never matters.
"""

SCRIPT = r"""'use strict';
(function () {
  const tongue = location.pathname.startsWith('/ar') ? 'ar' : 'en';
  const root = document.documentElement;
  root.lang = tongue;
  root.dir = tongue === 'ar' ? 'rtl' : 'ltr';
  const keep = (name, value) => {
    document.cookie = name + '=' + encodeURIComponent(value) + ';path=/;max-age=31536000;samesite=strict';
  };
  keep('sanad_tongue', tongue);

  // ------------------------------------------------------------ light and dark
  const dark = () => localStorage.getItem('sanad-theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  const paint = () => document.body.classList.toggle('dark', dark() === 'dark');  // changes nothing where it is so
  const keepPainted = () => {
    paint();
    // Gradio sets its own, more than once while it starts.
    new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ['class'] });
  };
  if (document.body) keepPainted(); else document.addEventListener('DOMContentLoaded', keepPainted);

  // ------------------------------------------------------------ direction by the majority of letters
  const turn = (box) => {
    const arabic = (box.value.match(/[\u0620-\u064a\u066e-\u06d3\u0750-\u077f]/g) || []).length;
    const latin = (box.value.match(/[A-Za-z\u00c0-\u024f]/g) || []).length;
    box.dir = arabic === latin ? root.dir : arabic > latin ? 'rtl' : 'ltr';
  };
  document.addEventListener('input', (event) => {
    if (event.target.matches('textarea, input[type=text], input[type=search], input:not([type])')) turn(event.target);
    if (event.target.matches('.library .find')) list();
  }, true);

  // ------------------------------------------------------------ articles beside the chat
  let opener = null;
  const panelNow = () => [...document.querySelectorAll('.panel')].find((panel) => panel.closest('.library, #beside').offsetParent !== null);
  async function open(button) {
    const panel = panelNow();
    if (!panel) return;
    const place = new URLSearchParams({ id: button.dataset.article, start: button.dataset.start, end: button.dataset.end, tongue });
    const answer = await fetch('/ui/article?' + place);
    panel.innerHTML = await answer.text();
    if (opener) opener.removeAttribute('aria-expanded');
    opener = button;
    button.setAttribute('aria-expanded', 'true');
    const cited = panel.querySelector('mark[data-first]');
    if (cited) panel.scrollTop = cited.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
    else panel.scrollTop = 0;
    const heading = panel.querySelector('h2');
    if (heading) heading.focus({ preventScroll: true });
    const box = panel.getBoundingClientRect();
    if (box.top > innerHeight * 0.7 || box.bottom < 80) panel.scrollIntoView({ block: 'start' });
  }
  function close(panel) {
    const note = document.createElement('p');
    note.className = 'state';
    note.textContent = panel.dataset.empty;
    panel.replaceChildren(...(panel.dataset.empty ? [note] : []));
    if (opener) { opener.removeAttribute('aria-expanded'); opener.focus(); opener = null; }
  }

  // ------------------------------------------------------------ the list of articles
  const library = () => document.querySelector('.library');
  let listing = 0;
  async function list(offset = 0) {
    const place = library();
    if (!place) return;
    const mine = ++listing;
    const find = place.querySelector('.find').value;
    const answer = await fetch('/ui/articles?' + new URLSearchParams({ tongue, find, offset }));
    const body = await answer.text();
    if (mine === listing) place.querySelector('.listing').innerHTML = body;
  }
  let verdicts = [];  // said so far: Gradio may draw the tab anew, and they go back in
  function say(kind, label, text) {
    if (kind !== 'sending') verdicts.push([kind, label, text]);
    return line(kind, label, text);
  }
  function line(kind, label, text) {
    const line = document.createElement('li');
    const strong = document.createElement('b');
    const name = document.createElement('bdi');
    line.className = kind;
    strong.textContent = label;
    name.textContent = text;
    line.append(strong, name);
    library().querySelector('.verdicts').append(line);
    return { line, strong, name };
  }
  // One request for each file, one after the other: its progress, then its verdicts.
  function send(file) {
    const told = library().dataset;
    const shown = say('sending', told.uploading.replace('{name}', ''), file.name);
    return new Promise((resolve) => {
      const body = new FormData();
      body.append('files', file, file.name);
      const request = new XMLHttpRequest();
      request.open('POST', '/v1/articles');
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) shown.strong.textContent = Math.round(100 * event.loaded / event.total) + ' %';
      };
      request.upload.onload = () => { shown.strong.textContent = told.indexing.replace('{name}', ''); };
      request.onloadend = () => {
        shown.line.remove();
        let value = {};
        try { value = JSON.parse(request.responseText); } catch { /* no JSON: told below */ }
        if (Array.isArray(value.data)) {
          for (const row of value.data) say(row.outcome, told[row.outcome], row.reason || row.source);
        } else {
          say('refused', told.failed, file.name + ': ' + ((value.error || {}).message || request.status));
        }
        resolve();
      };
      request.send(body);
    });
  }
  async function upload(files) {
    verdicts = [];
    library().querySelector('.verdicts').replaceChildren();
    for (const file of files) await send(file);
    await list();
  }
  async function remove(button) {
    const told = library().dataset;
    if (!confirm(told.deleteSure)) return;
    const answer = await fetch('/v1/articles/' + encodeURIComponent(button.dataset.remove), { method: 'DELETE' });
    const value = await answer.json();
    if (answer.ok) for (const source of value.sources) say('deleted', told.deleted, source);
    else say('refused', told.failed, value.error.message);
    const panel = library().querySelector('.panel');
    panel.replaceChildren();
    await list();
    library().querySelector('.listing').focus();
  }

  // ------------------------------------------------------------ thumbs
  async function thumb(turnKey, kind, remark) {
    await fetch('/ui/thumb', {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ turn: turnKey, thumb: kind, remark }),
    });
  }
  function thumbed(button) {
    const turnKey = button.closest('[data-turn]').dataset.turn;
    const foot = button.closest('.foot');
    const pressed = button.getAttribute('aria-pressed') === 'true';
    foot.querySelectorAll('.thumb').forEach((other) => other.setAttribute('aria-pressed', 'false'));
    button.setAttribute('aria-pressed', String(!pressed));
    const form = foot.querySelector('.remark');
    form.hidden = pressed;
    if (!pressed) form.querySelector('input').focus();
    foot.querySelector('.thanks').textContent = '';
    thumb(turnKey, pressed ? '' : button.dataset.thumb, '');
  }

  // ------------------------------------------------------------ clicks
  document.addEventListener('click', (event) => {
    const at = (css) => event.target.closest(css);
    let found;
    if ((found = at('button[data-article]'))) open(found);
    else if ((found = at('.panel .close'))) close(found.closest('.panel'));
    else if ((found = at('[data-remove]'))) remove(found);
    else if ((found = at('[data-offset]'))) list(found.dataset.offset);
    else if ((found = at('.thumb'))) thumbed(found);
    else if ((found = at('.example'))) {
      const box = document.querySelector('#question textarea');
      box.value = found.dataset.example;
      box.dispatchEvent(new Event('input', { bubbles: true }));
      setTimeout(() => document.querySelector('#ask').click(), 60);
    } else if (at('.theme')) {
      localStorage.setItem('sanad-theme', dark() === 'dark' ? 'light' : 'dark');
      paint();
    }
  });
  document.addEventListener('submit', (event) => {
    const form = event.target.closest('.remark');
    if (!form) return;
    event.preventDefault();
    const turnKey = form.closest('[data-turn]').dataset.turn;
    const pressed = form.parentElement.querySelector('.thumb[aria-pressed=true]');
    thumb(turnKey, pressed ? pressed.dataset.thumb : '', form.querySelector('input').value);
    form.hidden = true;
    const thanks = form.parentElement.querySelector('.thanks');
    thanks.textContent = '✓ ' + thanks.dataset.thanks;
  });
  document.addEventListener('keydown', (event) => {
    const panel = event.key === 'Escape' && panelNow();
    if (panel && panel.querySelector('.close')) close(panel);
  });

  // ------------------------------------------------------------ dropping files
  for (const kind of ['dragover', 'dragleave', 'drop']) {
    document.addEventListener(kind, (event) => {
      const drop = event.target.closest && event.target.closest('.drop');
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle('over', kind === 'dragover');
      if (kind === 'drop') upload([...event.dataTransfer.files]);
    });
  }
  document.addEventListener('change', (event) => {
    if (!event.target.matches('.drop input')) return;
    const files = [...event.target.files];
    event.target.value = '';
    upload(files);
  });

  // ------------------------------------------------------------ what changes by itself
  let last = '';
  new MutationObserver(() => {
    const way = tongue === 'ar' ? 'rtl' : 'ltr';  // Gradio names its own language once it has started
    if (root.lang !== tongue) root.lang = tongue;
    if (root.dir !== way) root.dir = way;
    const mark = document.querySelector('#past [data-conversation]');
    const now = mark ? mark.dataset.conversation : '';
    const past = document.querySelector('#past');
    if (past && now !== last) { last = now; keep('sanad_at', now); }
    for (const box of document.querySelectorAll('textarea:not([dir])')) turn(box);
    for (const label of document.querySelectorAll('#past:not([role])')) { label.setAttribute('role', 'log'); label.setAttribute('aria-live', 'polite'); }
  }).observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ['style', 'class', 'lang', 'dir'] });

  // The newest exchange stays in sight while it grows.
  let tall = 0;
  setInterval(() => {
    const place = library();
    if (place && place.offsetParent !== null && !place.dataset.listed) {
      place.dataset.listed = '1';
      for (const told of verdicts) line(...told);
      list();
    }
    const talk = document.querySelector('#talk');
    if (!talk || talk.offsetParent === null) return;
    const turns = talk.querySelectorAll('.turn');
    const height = talk.scrollHeight;
    if (turns.length && height !== tall) {
      tall = height;
      turns[turns.length - 1].scrollIntoView({ block: 'nearest' });
    }
  }, 250);
})();
"""
