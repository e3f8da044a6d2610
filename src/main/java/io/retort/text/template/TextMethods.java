package io.retort.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

import io.retort.text.Prompt;

/** The methods of Python's strings that chat templates may use. What is cut out of untrusted text stays untrusted. */
final class TextMethods {
    private TextMethods() {}

    /** Calls a method of a text; null where there is no such method with such arguments. */
    static Value call(Value.Text text, String name, Arguments arguments) {
        if (!arguments.named().isEmpty()) return null;
        List<Value> given = arguments.positional();
        Value first = given.isEmpty() ? null : given.getFirst();
        return switch (name) {
            case "startswith" -> given.size() == 1 ? any(first, text.plain()::startsWith) : null;
            case "endswith" -> given.size() == 1 ? any(first, text.plain()::endsWith) : null;
            case "removeprefix" -> first instanceof Value.Text part && given.size() == 1
                    ? text.plain().startsWith(part.plain()) ? from(text, part.plain().length()) : text
                    : null;
            case "removesuffix" -> first instanceof Value.Text part && given.size() == 1
                    ? text.plain().endsWith(part.plain())
                            ? part(text, 0, text.plain().length() - part.plain().length())
                            : text
                    : null;
            case "find", "rfind", "index", "count" -> first instanceof Value.Text part && given.size() == 1
                    ? found(text.plain(), part.plain(), name)
                    : null;
            case "split", "rsplit" -> split(text, name.equals("rsplit"), given);
            case "splitlines" -> given.isEmpty() ? lines(text) : null;
            case "replace" -> given.size() >= 2 && given.size() <= 3 && first instanceof Value.Text old
                    && given.get(1) instanceof Value.Text replacement
                            ? replaced(text, old.plain(), replacement.prompt(), count(given, 2))
                            : null;
            case "join" -> given.size() == 1 && first instanceof Value.Sequence list
                    && list.elements().stream().allMatch(Value.Text.class::isInstance) ? joined(text, list) : null;
            case "strip", "lstrip", "rstrip" -> stripped(text, name, given);
            default -> given.isEmpty() ? plain(text, name) : null;
        };
    }

    private static Value plain(Value.Text text, String name) {
        return switch (name) {
            case "upper" -> changed(text, part -> part.toUpperCase(Locale.ROOT));
            case "lower" -> changed(text, part -> part.toLowerCase(Locale.ROOT));
            case "capitalize" -> changed(text, part -> titled(part, false));
            case "title" -> changed(text, part -> titled(part, true));
            case "isdigit", "isnumeric", "isdecimal" -> all(text, Character::isDigit);
            case "isalpha" -> all(text, Character::isLetter);
            case "isalnum" -> all(text, Character::isLetterOrDigit);
            case "isspace" -> all(text, TextMethods::isSpace);
            case "isupper" -> cased(text, Character::isUpperCase, Character::isLowerCase);
            case "islower" -> cased(text, Character::isLowerCase, Character::isUpperCase);
            default -> null;
        };
    }

    private static Value all(Value.Text text, IntPredicate holds) {
        return Value.Bool.of(!text.plain().isEmpty() && text.plain().codePoints().allMatch(holds));
    }

    private static Value cased(Value.Text text, IntPredicate some, IntPredicate none) {
        return Value.Bool.of(text.plain().codePoints().anyMatch(some) && text.plain().codePoints().noneMatch(none));
    }

    /** Whether a condition holds for a text, or for one of a tuple of texts. */
    private static Value any(Value wanted, java.util.function.Predicate<String> test) {
        return switch (wanted) {
            case Value.Text one -> Value.Bool.of(test.test(one.plain()));
            case Value.Sequence some when some.elements().stream().allMatch(Value.Text.class::isInstance) ->
                Value.Bool.of(some.elements().stream().anyMatch(one -> test.test(((Value.Text) one).plain())));
            default -> null;
        };
    }

    private static Value found(String text, String part, String name) {
        if (name.equals("count")) {
            long count = 0;
            if (part.isEmpty()) return new Value.Int(text.codePointCount(0, text.length()) + 1L);
            for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) count++;
            return new Value.Int(count);
        }
        int place = name.equals("rfind") ? text.lastIndexOf(part) : text.indexOf(part);
        if (place < 0 && name.equals("index")) return null;
        return new Value.Int(place < 0 ? -1 : text.codePointCount(0, place));
    }

    /** Changes a text as a whole; where its length stays the same, each letter is trusted as before. */
    private static Value.Text changed(Value.Text text, UnaryOperator<String> change) {
        String plain = text.plain(), changed = change.apply(plain);
        if (changed.length() != plain.length()) return new Value.Text(text.prompt().map(change));
        List<Prompt.Piece> pieces = new ArrayList<>();
        int from = 0;
        for (Prompt.Piece piece : text.prompt().pieces()) {
            int to = from + piece.text().length();
            pieces.add(new Prompt.Piece(changed.substring(from, to), piece.trusted()));
            from = to;
        }
        return new Value.Text(new Prompt(pieces));
    }

    /** Sets a capital letter at the start of the text, or of every word, and small letters elsewhere. */
    private static String titled(String text, boolean words) {
        var titled = new StringBuilder();
        boolean[] inside = {false};
        text.codePoints().forEach(letter -> {
            titled.appendCodePoint(inside[0] ? Character.toLowerCase(letter) : Character.toTitleCase(letter));
            inside[0] = !words || Character.isLetter(letter);
        });
        return titled.toString();
    }

    private static int count(List<Value> given, int place) {
        return given.size() > place && given.get(place) instanceof Value.Int count && count.value() >= 0
                ? (int) Math.min(count.value(), Integer.MAX_VALUE)
                : Integer.MAX_VALUE;
    }

    private static Value split(Value.Text text, boolean fromRight, List<Value> given) {
        if (given.size() > 2) return null;
        boolean bySpace = given.isEmpty() || given.getFirst() == Value.None.NONE;
        if (!bySpace && !(given.getFirst() instanceof Value.Text separator && !separator.plain().isEmpty()))
            return null;
        int most = count(given, 1);
        if (bySpace) return most == Integer.MAX_VALUE ? words(text) : null;
        String separator = ((Value.Text) given.getFirst()).plain(), plain = text.plain();
        List<Value> parts = new ArrayList<>();
        int from = 0, to = plain.length();
        while (parts.size() < most) {
            int place = fromRight
                    ? plain.lastIndexOf(separator, to - separator.length())
                    : plain.indexOf(separator, from);
            if (place < 0 || fromRight && place + separator.length() > to) break;
            if (fromRight) {
                parts.addFirst(part(text, place + separator.length(), to));
                to = place;
            } else {
                parts.add(part(text, from, place));
                from = place + separator.length();
            }
        }
        Value.Text rest = part(text, from, to);
        if (fromRight) parts.addFirst(rest);
        else parts.add(rest);
        return new Value.Sequence(parts);
    }

    private static Value words(Value.Text text) {
        String plain = text.plain();
        List<Value> words = new ArrayList<>();
        for (int from = 0; from < plain.length();) {
            int to = from;
            while (to < plain.length() && !isSpace(plain.charAt(to))) to++;
            if (to > from) words.add(part(text, from, to));
            from = to + 1;
        }
        return new Value.Sequence(words);
    }

    private static Value lines(Value.Text text) {
        String plain = text.plain();
        List<Value> lines = new ArrayList<>();
        for (int from = 0; from < plain.length();) {
            int to = from;
            while (to < plain.length()
                    && "\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029".indexOf(plain.charAt(to)) < 0) {
                to++;
            }
            lines.add(part(text, from, to));
            from = to + (plain.startsWith("\r\n", to) ? 2 : 1);
        }
        return new Value.Sequence(lines);
    }

    /** Replaces {@code old} in a text, from the left, at most {@code most} times. */
    static Value.Text replaced(Value.Text text, String old, Prompt replacement, int most) {
        String plain = text.plain();
        List<Prompt.Piece> pieces = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < most; i++) {
            // Python puts the replacement before every letter and at the end where nothing is replaced.
            int place = old.isEmpty() ? i == 0 ? 0 : next(plain, from) : plain.indexOf(old, from);
            if (place < 0) break;
            pieces.addAll(text.prompt().slice(from, place).pieces());
            pieces.addAll(replacement.pieces());
            from = place + old.length();
        }
        pieces.addAll(text.prompt().slice(from, plain.length()).pieces());
        return new Value.Text(new Prompt(pieces));
    }

    private static int next(String text, int from) {
        return from >= text.length() ? -1 : text.offsetByCodePoints(from, 1);
    }

    private static Value joined(Value.Text separator, Value.Sequence list) {
        List<Prompt.Piece> pieces = new ArrayList<>();
        for (int i = 0; i < list.elements().size(); i++) {
            if (i > 0) pieces.addAll(separator.prompt().pieces());
            pieces.addAll(((Value.Text) list.elements().get(i)).prompt().pieces());
        }
        return new Value.Text(new Prompt(pieces));
    }

    private static Value stripped(Value.Text text, String name, List<Value> given) {
        IntPredicate strips = TextMethods::isSpace;
        if (given.size() > 1) return null;
        if (given.size() == 1 && given.getFirst() != Value.None.NONE) {
            if (!(given.getFirst() instanceof Value.Text letters)) return null;
            String plain = letters.plain();
            strips = letter -> plain.indexOf(letter) >= 0;
        }
        return stripped(text, strips, !name.equals("rstrip"), !name.equals("lstrip"));
    }

    private static Value.Text stripped(Value.Text text, IntPredicate strips, boolean left, boolean right) {
        String plain = text.plain();
        int from = 0;
        int to = plain.length();
        while (left && from < to && strips.test(plain.codePointAt(from))) from += width(plain.codePointAt(from));
        while (right && to > from && strips.test(plain.codePointBefore(to))) to -= width(plain.codePointBefore(to));
        return part(text, from, to);
    }

    private static int width(int codePoint) {
        return Character.charCount(codePoint);
    }

    static Value.Text part(Value.Text text, int from, int to) {
        return new Value.Text(text.prompt().slice(from, to));
    }

    private static Value.Text from(Value.Text text, int from) {
        return part(text, from, text.plain().length());
    }

    /** The letters of a text one by one, as a loop over it takes them. */
    static List<Value> letters(Value.Text text) {
        List<Value> letters = new ArrayList<>();
        for (Prompt.Piece piece : text.prompt().pieces()) {
            piece.text().codePoints().forEach(letter -> letters
                    .add(new Value.Text(
                            new Prompt(List.of(new Prompt.Piece(Character.toString(letter), piece.trusted()))))));
        }
        return letters;
    }

    /** Whether a letter is white space to Python's {@code str.strip}. */
    static boolean isSpace(int letter) {
        return Character.isWhitespace(letter) || Character.isSpaceChar(letter) || letter == 0x85;
    }
}
