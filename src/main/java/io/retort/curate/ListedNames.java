package io.retort.curate;

import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Names that are looked for as whole words, by their first word. A name with a capital letter, such as Will, is found as
 * it is written or in capitals, since in small letters it may be another word; one without is found in any case.
 */
final class ListedNames {
    private final Map<String, List<String>> byFirstWord = new HashMap<>();

    ListedNames(Collection<String> names) {
        for (String name : names) {
            String plain = WhiteSpace.collapse(name);
            int end = wordEnd(plain, 0);
            if (end == 0) continue;
            String first = plain.substring(0, end).toLowerCase(Locale.ROOT);
            List<String> same = byFirstWord.computeIfAbsent(first, _ -> new ArrayList<>());
            if (!same.contains(plain)) same.add(plain);
        }
        // The longest first: of Ann and Ann Lee the whole of Ann Lee is a name.
        byFirstWord.values().forEach(same -> same.sort(Comparator.comparingInt(String::length).reversed()));
    }

    boolean isEmpty() {
        return byFirstWord.isEmpty();
    }

    List<PersonalData.Finding> find(String text) {
        if (isEmpty()) return List.of();
        List<PersonalData.Finding> found = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int end = wordEnd(text, at);
            if (end == at) {
                at++;
                continue;
            }
            int after = end;
            for (String name : byFirstWord.getOrDefault(text.substring(at, end).toLowerCase(Locale.ROOT), List.of())) {
                int last = at + name.length();
                if (!matches(name, text, at) || last < text.length() && isOfWord(text, last)) continue;
                found.add(new PersonalData.Finding(PersonalKind.NAME, at, last));
                after = last;
                break;
            }
            at = after;
        }
        return found;
    }

    private static boolean matches(String name, String text, int at) {
        if (text.startsWith(name, at)) return true;
        if (!text.regionMatches(true, at, name, 0, name.length())) return false;
        if (name.equals(name.toLowerCase(Locale.ROOT))) return true;
        String there = text.substring(at, at + name.length());
        return there.length() > 1 && there.equals(name.toUpperCase(Locale.ROOT));
    }

    private static int wordEnd(String text, int at) {
        int end = at;
        while (end < text.length() && isOfWord(text, end)) end += Character.charCount(text.codePointAt(end));
        return end;
    }

    private static boolean isOfWord(String text, int at) {
        int c = text.codePointAt(at);
        return Character.isLetterOrDigit(c) || Character.getType(c) == Character.NON_SPACING_MARK;
    }
}
