package io.retort.curate;

import io.retort.files.TextLines;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Finds personal data in texts. It errs on the side of numbers and words that are no personal data: a price, a year, an
 * order number is not taken for a phone number unless the text says so. Immutable; any thread.
 */
public final class PersonalData {
    /** Longest text whose every part is looked at; of a longer one the pieces of this length are, one by one. */
    private static final int PIECE = 1 << 16;

    /** Characters of which one at least stands in whatever is found. */
    private static final boolean[] IS_TELLING = new boolean[0x80];
    static {
        for (char c : "0123456789@:([{./ ".toCharArray()) IS_TELLING[c] = true;
    }

    private static final List<String> MASKS = Arrays.stream(PersonalKind.values()).map(PersonalKind::mask).toList();

    private final Set<PersonalKind> kinds;
    private final ListedNames names;

    /**
     * A place of a text that holds personal data.
     *
     * @param kind  of what is there
     * @param start index of its first character
     * @param end   index after its last character
     */
    public record Finding(PersonalKind kind, int start, int end) {
        boolean overlaps(Finding other) {
            return start < other.end && other.start < end;
        }
    }

    private PersonalData(Collection<PersonalKind> kinds, ListedNames names) {
        this.kinds = kinds.isEmpty() ? EnumSet.noneOf(PersonalKind.class) : EnumSet.copyOf(kinds);
        this.names = names;
    }

    /**
     * Looks for some kinds of personal data.
     *
     * @param names that count as {@link PersonalKind#NAME}, of one word or several; one with a capital letter is found
     *              as it is written or all in capitals, one without in any case
     */
    public static PersonalData of(Collection<PersonalKind> kinds, Collection<String> names) {
        if (kinds == null) throw new IllegalArgumentException("kinds is null");
        if (names == null) throw new IllegalArgumentException("names is null");
        return new PersonalData(kinds, new ListedNames(names));
    }

    /** Reads a file of names, one a line; blank lines and those that start with # are passed over. */
    public static List<String> names(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        try (TextLines lines = TextLines.open(file)) {
            while (lines.hasNext()) {
                String line = WhiteSpace.collapse(lines.next());
                if (!WhiteSpace.isBlank(line) && !line.startsWith("#")) names.add(line);
            }
        }
        return names;
    }

    /** As {@link #find}, of a text that was looked at before. */
    List<Finding> find(String text, TurnLook look) {
        return look.mayBePersonal() || !names.isEmpty() ? find(text) : List.of();
    }

    /** Whether names are looked for, of which no look at single characters tells anything. */
    boolean hasNames() {
        return !names.isEmpty();
    }

    /** The places of a text that hold personal data, from its start to its end; they do not overlap. */
    public List<Finding> find(String text) {
        if (!mayHoldNumbersOrAddresses(text) && names.isEmpty()) return List.of();
        List<Finding> found = new ArrayList<>();
        for (int start = 0; start < text.length(); start += PIECE) {
            int offset = start;
            String piece = text.length() <= PIECE
                    ? text
                    : text.substring(start, Math.min(text.length(), start + PIECE));
            for (Finding each : findInPiece(piece)) {
                found.add(new Finding(each.kind, each.start + offset, each.end + offset));
            }
        }
        return found;
    }

    private List<Finding> findInPiece(String text) {
        List<Finding> found = new ArrayList<>();
        int digits = digits(text);
        for (PersonalKind kind : PersonalKind.values()) {
            List<Finding> more = switch (kind) {
                case EMAIL -> Addresses.mails(text);
                case URL -> Addresses.pages(text);
                case IP -> Addresses.hosts(text);
                case HANDLE -> Addresses.handles(text);
                case IBAN -> digits >= AccountNumbers.FEWEST_OF_IBAN ? AccountNumbers.ibans(text) : List.of();
                case CARD -> digits >= AccountNumbers.FEWEST_OF_CARD ? AccountNumbers.cards(text) : List.of();
                case PHONE -> digits >= PhoneNumbers.FEWEST_DIGITS ? PhoneNumbers.find(text) : List.of();
                case NAME -> names.find(text);
            };
            // Kinds that nobody asked for still take their places: a card number is no phone number.
            for (Finding each : more) if (found.stream().noneMatch(each::overlaps)) found.add(each);
        }
        found.removeIf(each -> !kinds.contains(each.kind));
        found.sort(Comparator.comparingInt(Finding::start));
        return found;
    }

    private static int digits(String text) {
        int digits = 0;
        for (int i = 0; i < text.length(); i++) if (text.charAt(i) >= '0' && text.charAt(i) <= '9') digits++;
        return digits;
    }

    /** Most turns of people hold nothing of the kind; to tell so needs one look at each character. */
    private static boolean mayHoldNumbersOrAddresses(String text) {
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= IS_TELLING.length || !IS_TELLING[c]) continue;
            boolean isOne = switch (c) {
                case '@' -> true;
                case ':' -> text.startsWith("://", i) || text.startsWith("::", i);
                case '(', '[', '{' -> text.regionMatches(true, i + 1, "at", 0, 2)
                        || text.regionMatches(true, i + 1, " at", 0, 3);
                case '.' -> i >= 3 && text.regionMatches(true, i - 3, "www", 0, 3);
                case '/' -> i >= 1 && text.charAt(i - 1) == 'u';
                case ' ' -> i + 4 < text.length() && (text.charAt(i + 1) | 0x20) == 'd'
                        && text.charAt(i + 4) == ' ' && text.regionMatches(true, i, " dot ", 0, 5);
                default -> ++digits >= 4;
            };
            if (isOne) return true;
        }
        return false;
    }

    /** Whether a mark stands in a text, so that something was taken out of it: nobody says such a thing. */
    public static boolean holdsMask(String text) {
        return text.indexOf('[') >= 0 && MASKS.stream().anyMatch(text::contains);
    }

    /** The text with each place that holds personal data replaced by the mark of its kind. */
    public String mask(String text) {
        return mask(text, find(text));
    }

    /**
     * The text with some places replaced by the marks of their kinds.
     *
     * @param found as {@link #find} gave it for this text
     */
    public static String mask(String text, List<Finding> found) {
        if (found.isEmpty()) return text;
        StringBuilder masked = new StringBuilder(text.length());
        int from = 0;
        for (Finding each : found) {
            masked.append(text, from, each.start).append(each.kind.mask());
            from = each.end;
        }
        return masked.append(text, from, text.length()).toString();
    }
}
