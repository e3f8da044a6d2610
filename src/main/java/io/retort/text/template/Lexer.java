package io.retort.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.retort.text.template.Token.Kind;

/**
 * Cuts a chat template into words. White space around tags goes as in transformers' Jinja environment
 * ({@code trim_blocks}, {@code lstrip_blocks}): the newline after a <code>{% %}</code> or <code>{# #}</code> and the
 * blanks before one at the start of a line are left out; {@code -} strips all, {@code +} nothing.
 */
final class Lexer {
    private static final Pattern TAG = Pattern.compile("\\{([%{#])([-+]?)");
    private static final Pattern COMMENT_END = Pattern.compile("\\+#}|-#}\\s*+|#}\\n?");
    private static final Pattern TAG_END = Pattern.compile("\\+%}|-%}\\s*+|%}\\n?");
    private static final Pattern OUTPUT_END = Pattern.compile("-}}\\s*+|}}");
    private static final Pattern SPACE = Pattern.compile("\\s++");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*+");
    private static final Pattern INTEGER = Pattern.compile("[0-9](?:_?[0-9])*+");
    private static final Pattern REAL = Pattern
            .compile("[0-9](?:_?[0-9])*+(?:\\.[0-9]++(?:[eE][-+]?[0-9]++)?|[eE][-+]?[0-9]++)");
    private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(?:-%}\\s*+|%})");
    private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%}|-%}\\s*+|%}\\n?)");
    private static final Pattern STRING = Pattern.compile("'((?:[^'\\\\]|\\\\.)*+)'|\"((?:[^\"\\\\]|\\\\.)*+)\"",
            Pattern.DOTALL);
    private static final Pattern OPERATOR = Pattern.compile("==|!=|<=|>=|//|\\*\\*|[-+*/%~<>=.,:|()\\[\\]{}]");

    private final Source source;
    private final String text;
    private final Matcher matcher;
    private final List<Token> tokens = new ArrayList<>();
    private int place;

    private Lexer(Source source) {
        this.source = source;
        text = source.text();
        matcher = TAG.matcher(text);
    }

    static List<Token> tokens(Source source) {
        var lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (matcher.usePattern(TAG).region(place, text.length()).find()) {
            int at = matcher.start();
            char kind = matcher.group(1).charAt(0);
            literal(at, kind, matcher.group(2));
            place = at;
            if (kind == '%' && matches(RAW)) {
                raw(at);
                continue;
            }
            place = at + 2 + (text.startsWith("-", at + 2) || text.startsWith("+", at + 2) ? 1 : 0);
            switch (kind) {
                case '#' -> comment(at);
                case '%' -> inside(Kind.TAG_BEGIN, "{%", at, TAG_END, Kind.TAG_END);
                default -> inside(Kind.OUTPUT_BEGIN, "{{", at, OUTPUT_END, Kind.OUTPUT_END);
            }
        }
        if (place < text.length()) tokens.add(new Token(Kind.TEXT, text.substring(place), place));
        tokens.add(new Token(Kind.END, "", text.length()));
    }

    /** Adds the text before a tag, without the white space that the tag takes away. */
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
        if (last > place) tokens.add(new Token(Kind.TEXT, text.substring(place, last), place));
    }

    private void comment(int at) {
        if (!matcher.usePattern(COMMENT_END).region(place, text.length()).find()) {
            throw source.fault(at, "the comment has no end");
        }
        place = matcher.end();
    }

    /** Adds the text of a {@code raw} block as it stands. */
    private void raw(int at) {
        place = matcher.end();
        if (!matcher.usePattern(RAW_END).region(place, text.length()).find())
            throw source.fault(at, "`raw` has no end");
        int end = matcher.start(), next = matcher.end();
        literal(end, '%', matcher.group(1));
        place = next;
    }

    private void inside(Kind begin, String written, int at, Pattern endPattern, Kind end) {
        tokens.add(new Token(begin, written, at));
        int brackets = 0;
        while (true) {
            if (matches(SPACE)) {
                place = matcher.end();
            } else if (place == text.length()) {
                throw source.fault(at, "`" + written + "` has no end");
            } else if (brackets == 0 && matches(endPattern)) {
                add(end, matcher.group().strip());
                return;
            } else {
                word();
                Token last = tokens.getLast();
                if (last.kind() != Kind.OPERATOR) continue;
                if ("([{".contains(last.text())) brackets++;
                else if (")]}".contains(last.text())) brackets = Math.max(0, brackets - 1);
            }
        }
    }

    private void word() {
        if (matches(NAME)) {
            add(Kind.NAME, matcher.group());
        } else if (text.charAt(Math.max(0, place - 1)) != '.' && matches(REAL)) {
            add(Kind.REAL, matcher.group().replace("_", ""));
        } else if (matches(INTEGER)) {
            add(Kind.INTEGER, matcher.group().replace("_", ""));
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
        tokens.add(new Token(kind, written, place));
        place = matcher.end();
    }

    /** Resolves the escapes of Python's string literals; an unknown one stays as it is, as in Python. */
    private String unescaped(String body, int at) {
        var plain = new StringBuilder();
        for (int i = 0; i < body.length(); i++) {
            char letter = body.charAt(i);
            if (letter != '\\') {
                plain.append(letter);
                continue;
            }
            char escaped = body.charAt(++i);
            int simple = "abfnrtv\\'\"".indexOf(escaped);
            if (simple >= 0) {
                plain.append("\u0007\b\f\n\r\t\u000b\\'\"".charAt(simple));
            } else if (escaped >= '0' && escaped <= '7') {
                int end = i;
                while (end < body.length() && end < i + 3 && body.charAt(end) >= '0' && body.charAt(end) <= '7') end++;
                plain.appendCodePoint(Integer.parseInt(body, i, end, 8));
                i = end - 1;
            } else if ("xuU".indexOf(escaped) >= 0) {
                int digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : 8;
                plain.appendCodePoint(codePoint(body, i + 1, digits, at + i - 1));
                i += digits;
            } else if (escaped == 'N') {
                throw source.unsupported(at + i - 1, "the escape `\\N`");
            } else if (escaped != '\n') {
                plain.append('\\').append(escaped);
            }
        }
        return plain.toString();
    }

    private int codePoint(String body, int from, int digits, int at) {
        String hex = from + digits > body.length() ? "" : body.substring(from, from + digits);
        boolean valid = hex.matches("[0-9a-fA-F]+") && Long.parseLong(hex, 16) <= Character.MAX_CODE_POINT;
        if (!valid) throw source.fault(at, "an escape of " + digits + " digits is broken off");
        return Integer.parseInt(hex, 16);
    }
}
