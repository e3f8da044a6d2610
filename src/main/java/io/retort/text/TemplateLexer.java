package io.retort.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.retort.text.TemplateToken.Kind;

/**
 * Cuts a chat template into words. White space around tags goes as in transformers' Jinja environment
 * ({@code trim_blocks}, {@code lstrip_blocks}): the newline after a <code>{% %}</code> or <code>{# #}</code> and the
 * blanks before one at the start of a line are left out; {@code -} strips all, {@code +} nothing.
 */
final class TemplateLexer {
    private static final Pattern TAG = Pattern.compile("\\{([%{#])([-+]?)");
    private static final Pattern COMMENT_END = Pattern.compile("\\+#}|-#}\\s*+|#}\\n?");
    private static final Pattern TAG_END = Pattern.compile("\\+%}|-%}\\s*+|%}\\n?");
    private static final Pattern OUTPUT_END = Pattern.compile("-}}\\s*+|}}");
    private static final Pattern SPACE = Pattern.compile("\\s++");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*+");
    private static final Pattern INTEGER = Pattern.compile("[0-9]++");
    private static final Pattern STRING = Pattern.compile("'((?:[^'\\\\]|\\\\.)*+)'|\"((?:[^\"\\\\]|\\\\.)*+)\"",
            Pattern.DOTALL);
    private static final Pattern OPERATOR = Pattern.compile("==|!=|<=|>=|//|\\*\\*|[-+*/%~<>=.,:|()\\[\\]{}]");

    private final TemplateSource source;
    private final String text;
    private final Matcher matcher;
    private final List<TemplateToken> tokens = new ArrayList<>();
    private int place;

    private TemplateLexer(TemplateSource source) {
        this.source = source;
        text = source.text();
        matcher = TAG.matcher(text);
    }

    static List<TemplateToken> tokens(TemplateSource source) {
        var lexer = new TemplateLexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (matcher.usePattern(TAG).region(place, text.length()).find()) {
            int at = matcher.start();
            char kind = matcher.group(1).charAt(0);
            literal(at, kind, matcher.group(2));
            place = matcher.end();
            switch (kind) {
                case '#' -> comment(at);
                case '%' -> inside(Kind.TAG_BEGIN, "{%", at, TAG_END, Kind.TAG_END);
                default -> inside(Kind.OUTPUT_BEGIN, "{{", at, OUTPUT_END, Kind.OUTPUT_END);
            }
        }
        if (place < text.length()) tokens.add(new TemplateToken(Kind.TEXT, text.substring(place), place));
        tokens.add(new TemplateToken(Kind.END, "", text.length()));
    }

    /** The text before a tag. */
    private void literal(int end, char tag, String sign) {
        int last = end;
        if (sign.equals("-")) {
            while (last > place && Character.isWhitespace(text.charAt(last - 1))) last--;
        } else if (sign.isEmpty() && tag != '{') {
            int line = last;
            while (line > place && text.charAt(line - 1) != '\n' && Character.isWhitespace(text.charAt(line - 1))) {
                line--;
            }
            if (line == 0 || text.charAt(line - 1) == '\n') last = line;
        }
        if (last > place) tokens.add(new TemplateToken(Kind.TEXT, text.substring(place, last), place));
    }

    private void comment(int at) {
        if (!matcher.usePattern(COMMENT_END).region(place, text.length()).find()) {
            throw source.fault(at, "the comment has no end");
        }
        place = matcher.end();
    }

    private void inside(Kind begin, String written, int at, Pattern endPattern, Kind end) {
        tokens.add(new TemplateToken(begin, written, at));
        while (true) {
            if (matches(SPACE)) {
                place = matcher.end();
            } else if (place == text.length()) {
                throw source.fault(at, "`" + written + "` has no end");
            } else if (matches(endPattern)) {
                add(end, matcher.group().strip());
                return;
            } else {
                word();
            }
        }
    }

    private void word() {
        if (matches(NAME)) {
            add(Kind.NAME, matcher.group());
        } else if (matches(INTEGER)) {
            add(Kind.INTEGER, matcher.group());
        } else if (matches(STRING)) {
            String body = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            add(Kind.STRING, unescaped(body, place + 1));
        } else if (matches(OPERATOR)) {
            add(Kind.OPERATOR, matcher.group());
        } else {
            throw source.unsupported(place, "`" + text.charAt(place) + "`");
        }
    }

    private boolean matches(Pattern pattern) {
        return matcher.usePattern(pattern).region(place, text.length()).lookingAt();
    }

    private void add(Kind kind, String written) {
        tokens.add(new TemplateToken(kind, written, place));
        place = matcher.end();
    }

    /** Escapes of Python's string literals, as far as templates use them; an unknown one stays as it is, as there. */
    private String unescaped(String body, int at) {
        var plain = new StringBuilder();
        for (int i = 0; i < body.length(); i++) {
            char letter = body.charAt(i);
            if (letter != '\\') {
                plain.append(letter);
                continue;
            }
            char escaped = body.charAt(++i);
            switch (escaped) {
                case 'n' -> plain.append('\n');
                case 't' -> plain.append('\t');
                case 'r' -> plain.append('\r');
                case '\\', '\'', '"' -> plain.append(escaped);
                case 'u', 'x', 'U', 'N', 'a', 'b', 'f', 'v', '\n', '0', '1', '2', '3', '4', '5', '6', '7' ->
                    throw source.unsupported(at + i - 1, "the escape `\\" + escaped + "`");
                default -> plain.append('\\').append(escaped);
            }
        }
        return plain.toString();
    }
}
