"""Values as a hostile server or inventory would send them."""

PWN = "window.pwned=1"
HOSTILE = (
    f"<script>{PWN}</script>",
    f'<img src=x onerror="{PWN}">',
    f"\"'><svg onload={PWN}>",
    f"</title></style></script><script>{PWN}</script>",
    f"javascript:{PWN}",
    f'<a href="javascript:{PWN}">click</a>',
    "<!-- signatures --><!-- /acceptance --><!-- END TEMPLATES -->",
    "{{ 7 * 7 }}{% include 'x' %}{customer}%s",
    "\u202eexe.gnp\u202c\u2066\u200f\u200b",
    "a\x00b\x07\x1b[31mred\x9b",
    "Z\u0351\u036b\u0343\u032a\u0302\u036b\u033d\u034f" * 30,
    "https://example.test/" + "x" * 1_000_000,
)
ALL = " ".join(HOSTILE)
