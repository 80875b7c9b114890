/** One style sheet for all pages: neutral greys, one accent, states with a word beside their colour, light and dark from the same names, a 4 px grid. */
export const styles = `
:root{--bg:#fff;--fg:#1a1a1a;--muted:#5a5a5a;--line:#e2e2e2;--accent:#1f5fd6;--on-accent:#fff;--ok:#1a6b3a;--warn:#8a5300;--bad:#b3261e;--soft:#f5f5f5}
@media (prefers-color-scheme:dark){:root{--bg:#141414;--fg:#ececec;--muted:#a6a6a6;--line:#2e2e2e;--accent:#7aa7ff;--on-accent:#0b1630;--ok:#6fcf97;--warn:#f0b357;--bad:#ff8a80;--soft:#1e1e1e}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main,footer{max-width:640px;margin:0 auto;padding:0 20px}
main{padding-top:32px}
h1{font-size:24px;line-height:1.25;margin:0}
h2{font-size:16px;line-height:1.5;margin:32px 0 4px}
h3,h4,h5,h6{font-size:16px;margin:16px 0 4px}
p{margin:0}
ul{margin:0;padding:0;list-style:none}
a{color:var(--accent)}
a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.muted{color:var(--muted);font-size:14px}
.mono{font-family:ui-monospace,monospace;font-variant-numeric:tabular-nums}
.mono,pre{direction:ltr;unicode-bidi:isolate}dd.mono,li.mono,ul.mono{text-align:start}
.nowrap{white-space:nowrap}
.head{display:flex;gap:16px;align-items:center}
.head img,.head .blank{flex:none;width:64px;height:64px;border-radius:14px}
.blank{display:grid;place-items:center;background:var(--soft);color:var(--muted);font-size:28px;font-weight:600}
.head>div{min-width:0}
.about{margin-top:12px}
.act{margin:24px 0 0;display:flex;flex-direction:column;gap:8px}
.button{display:flex;align-items:center;justify-content:center;min-height:48px;padding:8px 16px;border-radius:8px;background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none;text-align:center}
button{font:inherit;border:0;cursor:pointer}
label{display:flex;flex-direction:column;gap:4px;font-size:14px;color:var(--muted)}
input{font:16px ui-monospace,monospace;min-height:44px;padding:8px 12px;border:1px solid var(--muted);border-radius:8px;background:var(--bg);color:var(--fg)}
.button.second{background:none;color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
.say{margin-top:4px}
.ok{color:var(--ok)}.warn{color:var(--warn)}.bad{color:var(--bad);font-weight:600}
.note{border-inline-start:3px solid var(--line);padding-block:4px;padding-inline-start:12px;font-size:14px}
.note.bad{border-color:var(--bad);font-weight:400;color:var(--fg)}
.tablet{display:none}
@supports (-webkit-touch-callout:none){.tablet{display:block}.desktop{display:none}}
details{border-top:1px solid var(--line)}
details:last-of-type{border-bottom:1px solid var(--line)}
summary{cursor:pointer;min-height:48px;display:flex;align-items:center;justify-content:space-between;font-weight:600}
summary::after{content:"▸";color:var(--muted)}
[dir=rtl] summary::after{content:"◂"}
details[open]>summary::after{content:"▾"}
summary::-webkit-details-marker{display:none}
details>:not(summary){margin-bottom:16px}
.rows li{display:flex;gap:16px;align-items:center;justify-content:space-between;padding:8px 0;border-top:1px solid var(--line)}
.rows li:first-child{border-top:0}
.rows li>div{min-width:0}
.rows a.get{flex:none;display:flex;align-items:center;min-height:44px;padding:0 4px;font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0;font-size:14px}
dt{color:var(--muted)}dd{margin:0;min-width:0}
pre{margin:0 0 8px;padding:12px;background:var(--soft);border-radius:8px;font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap;user-select:all}
.notes{max-width:72ch}
.notes ul,.notes ol{margin:8px 0;padding-inline-start:24px;list-style:disc}.notes ol{list-style:decimal}
.notes p{margin:8px 0}
.more{margin:24px 0 0}
.scan{display:flex;gap:16px;align-items:center;margin:32px 0 0}
.qr{flex:none;width:120px;height:120px;border-radius:8px}
footer{margin-top:48px;padding-bottom:32px}
footer .choose ul,.languages{display:flex;flex-wrap:wrap;gap:0 20px}
footer li a{display:flex;align-items:center;min-height:44px}
[aria-current]{color:var(--fg);text-decoration:none;font-weight:600}
@media (max-width:600px){.scan{display:none}}
@media print{.button,footer,.act .note{display:none}details::details-content{content-visibility:visible;block-size:auto}.scan{display:flex}main{padding-top:0}}
`;
