"""Keeps the newest question of every pane in sight while its answer comes in, until somebody scrolls there."""

import gradio as gr

FOLLOW = """() => {
  const panes = document.getElementById('panes'), known = new Map();
  const look = () => panes.querySelectorAll('.pane').forEach((pane) => {
    const rows = pane.querySelectorAll('.user-row'), box = pane.querySelector('.panel-wrap');
    const seen = known.get(pane) || { rounds: 0, follows: false };
    if (rows.length !== seen.rounds) { seen.follows = rows.length > 1; seen.rounds = rows.length; }
    known.set(pane, seen);
    if (!box || !seen.follows) return;
    box.scrollTop += rows[rows.length - 1].getBoundingClientRect().top - box.getBoundingClientRect().top;
  });
  const leave = (event) => {
    const seen = known.get(event.target.closest && event.target.closest('.pane'));
    if (seen) seen.follows = false;
  };
  ['wheel', 'touchmove', 'pointerdown', 'keydown'].forEach((kind) => panes.addEventListener(kind, leave, true));
  new MutationObserver(look).observe(panes, { childList: true, subtree: true, characterData: true });
  return [];
}"""


def attach(demo: gr.Blocks) -> None:
    demo.load(None, None, None, js=FOLLOW, api_visibility="private")
