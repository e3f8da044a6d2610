package io.retort.text.template;

import io.retort.files.BadInput;

/**
 * The text of a chat template, and where in it something is wrong. Newlines are as Jinja makes them: {@code \n} each,
 * one at the very end left out.
 */
record Source(String text) {
    static final String REMEDY = "use the prompt form `continuation`, or a model with a simpler template";
    private static final int MAX_LENGTH = 1 << 18;

    Source {
        if (text.length() > MAX_LENGTH) {
            throw BadInput.of("the chat template has " + text.length() + " characters", REMEDY);
        }
        text = text.replace("\r\n", "\n").replace('\r', '\n');
        if (text.endsWith("\n")) text = text.substring(0, text.length() - 1);
    }

    /** The error for something in the template that cannot be done, at an offset of its text. */
    BadInput fault(int offset, String problem) {
        String before = text.substring(0, Math.min(offset, text.length()));
        long line = 1 + before.chars().filter(c -> c == '\n').count();
        int column = before.length() - before.lastIndexOf('\n');
        return BadInput.of("the chat template at line " + line + ", column " + column + ": " + problem, REMEDY);
    }

    BadInput unsupported(int offset, String construct) {
        return fault(offset, construct + " is not supported");
    }
}
