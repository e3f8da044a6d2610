package io.retort.jobs;

import java.util.Locale;

/**
 * A page in the making: every text and every attribute is escaped, and nothing that XML cannot hold gets in, so that
 * the page is well-formed whatever the texts are. For use by one thread.
 */
final class HtmlMarkup {
    private final StringBuilder out = new StringBuilder();

    /** Appends markup that is Retort's own, and therefore needs no escaping. */
    HtmlMarkup raw(String markup) {
        out.append(markup);
        return this;
    }

    /** Appends a text of anybody's, in which whatever would be read as markup is escaped. */
    HtmlMarkup text(String text) {
        text.codePoints().forEach(this::escape);
        return this;
    }

    private void escape(int c) {
        switch (c) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            case '\t', '\n' -> out.appendCodePoint(c);
            default -> out.appendCodePoint(isCharacter(c) ? c : 0xFFFD);
        }
    }

    private static boolean isCharacter(int c) {
        return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && !(c >= 0xD800 && c < 0xE000) && (c & 0xFFFE) != 0xFFFE;
    }

    /** Appends an element that holds a text, which is escaped. */
    HtmlMarkup element(String tag, String text) {
        return element(tag, "", text);
    }

    /**
     * @param type value of the attribute {@code class}, ours; empty for none
     */
    HtmlMarkup element(String tag, String type, String text) {
        return open(tag, type).text(text).close(tag);
    }

    HtmlMarkup open(String tag, String type) {
        return raw("<" + tag + (type.isEmpty() ? "" : " class=\"" + type + "\"") + ">");
    }

    HtmlMarkup close(String tag) {
        return raw("</" + tag + ">\n");
    }

    /** Appends markup formatted with numbers, which need no escaping. */
    HtmlMarkup numbers(String format, Object... values) {
        return raw(String.format(Locale.ROOT, format, values));
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
