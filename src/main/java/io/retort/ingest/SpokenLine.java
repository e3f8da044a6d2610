package io.retort.ingest;

import io.retort.files.WhiteSpace;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line that could be what somebody says: whether it is depends on who else speaks.
 *
 * @param speaker what stands where a name does
 * @param text    what follows
 */
record SpokenLine(String speaker, String text) {
    private static final int LONGEST_NAME = 40;
    private static final int MOST_WORDS = 5;
    /** A time, with or without a date, in brackets or not, perhaps with a dash after it. */
    private static final Pattern TIME = Pattern.compile("^[\\[(]?(?:\\d{1,4}[-./]\\d{1,2}[-./]\\d{1,4}[,T]?\\s*)?"
            + "\\d{1,2}[:.]\\d{2}(?:[:.]\\d{2}(?:[.,]\\d{1,6})?)?Z?\\s?(?:[AaPp]\\.?\\s?[Mm]\\.?)?[\\])]?\\s*[-–—|]?\\s+");
    private static final Pattern ANGLES = Pattern.compile("^<([^<>]{1," + LONGEST_NAME + "})>\\s+(.*)$",
            Pattern.DOTALL);
    private static final List<String> SCHEMES = List.of("http", "https", "ftp", "mailto");

    static Optional<SpokenLine> of(String line) {
        String rest = WhiteSpace.strip(line);
        if (!rest.isEmpty() && (Character.isDigit(rest.charAt(0)) || "[(".indexOf(rest.charAt(0)) >= 0)) {
            // Expressions are tried on a bounded part of what may be a very long line.
            Matcher time = TIME.matcher(rest.substring(0, Math.min(rest.length(), 64)));
            if (time.find()) rest = rest.substring(time.end());
        }
        if (rest.startsWith("<")) {
            Matcher angles = ANGLES.matcher(rest);
            return angles.matches()
                    ? Optional.of(new SpokenLine(WhiteSpace.strip(angles.group(1)), angles.group(2)))
                    : Optional.empty();
        }
        int colon = colon(rest);
        if (colon < 0) return Optional.empty();
        String name = WhiteSpace.strip(rest.substring(0, colon));
        // Markdown's bold, in which pages that speak in turns are often copied.
        String text = rest.substring(colon + 1);
        if (name.startsWith("**")) {
            name = name.substring(2);
            if (name.endsWith("**")) name = name.substring(0, name.length() - 2);
            else if (text.startsWith("**")) text = text.substring(2);
        }
        return isName(name) ? Optional.of(new SpokenLine(name, WhiteSpace.strip(text))) : Optional.empty();
    }

    /** The place of the colon after a name: a space or nothing follows it, unlike in times and addresses. */
    private static int colon(String line) {
        int limit = Math.min(line.length(), LONGEST_NAME + 6);
        for (int i = 1; i < limit; i++) {
            char each = line.charAt(i);
            if (each != ':' && each != '：') continue;
            if (each == '：' || i + 1 == line.length() || WhiteSpace.is(line.charAt(i + 1))) return i;
            return line.startsWith("**", i + 1) ? i : -1;
        }
        return -1;
    }

    private static boolean isName(String name) {
        if (name.isEmpty() || name.length() > LONGEST_NAME) return false;
        int words = 1;
        boolean hasLetter = false;
        for (int i = 0; i < name.length(); i++) {
            char each = name.charAt(i);
            if ("?!;\"{}=<>\\".indexOf(each) >= 0) return false;
            if (WhiteSpace.is(each)) words++;
            // Digits and signs alone are a time, a place in a list or a score; pictures are names, too.
            hasLetter |= Character.isLetter(each) || each > 0x2190;
        }
        if (!hasLetter || words > MOST_WORDS || name.endsWith(",") || name.endsWith(".") && words > 3) return false;
        String lower = name.toLowerCase(Locale.ROOT);
        return SCHEMES.stream().noneMatch(lower::endsWith);
    }
}
