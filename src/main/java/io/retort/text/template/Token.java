package io.retort.text.template;

/**
 * A word of a chat template.
 *
 * @param text of {@link Kind#TEXT} and {@link Kind#STRING} what they stand for, of all others how they are written
 * @param at offset in the source
 */
record Token(Kind kind, String text, int at) {
    enum Kind { TEXT, OUTPUT_BEGIN, OUTPUT_END, TAG_BEGIN, TAG_END, NAME, STRING, INTEGER, REAL, OPERATOR, END }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    /** The word as messages show it. */
    String quoted() {
        return kind == Kind.END ? "its end" : "`" + text + "`";
    }
}
