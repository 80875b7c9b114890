/** One style sheet for all pages: neutral greys, one accent, light and dark from the same names, a 4 px grid. */
export const styles = `
:root{--bg:#fff;--fg:#1a1a1a;--muted:#5c5c5c;--line:#e3e3e3;--accent:#1f5fd6;--on-accent:#fff}
@media (prefers-color-scheme:dark){:root{--bg:#141414;--fg:#ececec;--muted:#a0a0a0;--line:#2e2e2e;--accent:#7aa7ff;--on-accent:#0b1630}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
main{max-width:640px;margin:0 auto;padding:32px 20px}
h1{font-size:24px;line-height:1.25;margin:0}
h2{font-size:16px;margin:32px 0 4px}
p{margin:0}
.muted{color:var(--muted);font-size:14px}
.mono{font-family:ui-monospace,monospace;font-variant-numeric:tabular-nums;white-space:nowrap}
.files{list-style:none;margin:24px 0 0;padding:0;border-top:1px solid var(--line)}
.files li{display:flex;gap:16px;align-items:center;justify-content:space-between;padding:16px 0;border-bottom:1px solid var(--line)}
.files li>div{min-width:0;overflow-wrap:anywhere}
.action{flex:none;background:var(--accent);color:var(--on-accent);text-decoration:none;border-radius:6px;padding:10px 16px;font-weight:600}
.action:focus-visible{outline:2px solid var(--fg);outline-offset:2px}
.plain{margin:0;padding:0;list-style:none}
.notes{white-space:pre-wrap}
@media (max-width:480px){.files li{flex-direction:column;align-items:stretch;text-align:start}.action{text-align:center}}
`;
