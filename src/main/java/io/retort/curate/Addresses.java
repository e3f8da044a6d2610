package io.retort.curate;

import io.retort.curate.PersonalData.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses of mail, pages and machines, and names of accounts. Every pattern takes time in proportion to the text. */
final class Addresses {
    private static final String DOMAIN = "(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?\\.){1,8}\\p{L}{2,24}";
    private static final Pattern MAIL = Pattern
            .compile("(?<![\\p{L}\\p{N}._%+-])[\\p{L}\\p{N}_][\\p{L}\\p{N}._%+'-]{0,63}@" + DOMAIN
                    + "(?![\\p{L}\\p{N}])");
    private static final String ENDINGS = "(?:com|org|net|edu|gov|io|de|fr|es|it|nl|uk|co\\.uk|ca|au|com\\.au|eu|me)";
    /** Written so that no machine finds it; between plain words only with a provider's ending: "met at ten dot" is none. */
    private static final Pattern SPELT_MAIL = Pattern.compile("(?<![\\p{L}\\p{N}._-])[\\p{L}\\p{N}._-]{2,64}"
            + "(?:\\s?[(\\[{]\\s?at\\s?[)\\]}]\\s?[\\p{L}\\p{N}-]{2,40}\\s?(?:[(\\[{]\\s?dot\\s?[)\\]}]|\\sdot\\s|\\.)\\s?\\p{L}{2,10}"
            + "|\\sat\\s[\\p{L}\\p{N}-]{2,40}\\sdot\\s" + ENDINGS + ")(?![\\p{L}\\p{N}])", Pattern.CASE_INSENSITIVE);
    private static final Pattern PAGE = Pattern.compile(
            "(?<![\\p{L}\\p{N}])(?:(?:https?|ftp)://|www\\.)[^\\s<>\"]{2,2000}",
            Pattern.CASE_INSENSITIVE);
    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IP4 = Pattern
            .compile("(?<![\\p{L}\\p{N}.])" + OCTET + "(?:\\." + OCTET + "){3}(?!\\.?[\\p{L}\\p{N}])");
    private static final Pattern IP6 = Pattern
            .compile("(?<![\\p{L}\\p{N}:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\\p{L}\\p{N}:])");
    private static final Pattern VERSION = Pattern.compile("\\b(?:version|ver|release|firmware|build|v)[ .:]*$",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern HANDLE = Pattern
            .compile("(?<![\\p{L}\\p{N}@./_])@[\\p{L}_](?:[\\p{L}\\p{N}_]|[.-](?=[\\p{L}\\p{N}_])){1,39}");
    private static final Pattern MENTION = Pattern.compile("<@!?&?\\d{15,21}>");
    private static final Pattern TAGGED = Pattern
            .compile(
                    "(?<![\\p{L}\\p{N}#./_-])(?!(?:issue|bug|pr|order|room|ticket|case|no|nr|page|number|part|chapter|episode)#)[\\p{L}_][\\p{L}\\p{N}._-]{1,31}#\\d{4}(?![\\p{L}\\p{N}])");
    private static final Pattern REDDIT = Pattern
            .compile("(?<![\\p{L}\\p{N}/._])/?u/[A-Za-z0-9_-]{3,20}(?![A-Za-z0-9/])");

    private Addresses() {
    }

    static List<Finding> mails(String text) {
        List<Finding> found = new ArrayList<>();
        if (text.indexOf('@') >= 0) collect(MAIL, PersonalKind.EMAIL, text, _ -> true, found);
        if (mayBeSpelt(text)) {
            collect(SPELT_MAIL, PersonalKind.EMAIL, text, _ -> true, found);
        }
        return found;
    }

    /** Whether there is a bracket, or the word "dot": one of them stands in every address that is spelt out. */
    private static boolean mayBeSpelt(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(' || c == '[' || c == '{') return true;
            if ((c == 'd' || c == 'D') && text.regionMatches(true, i, "dot", 0, 3)) return true;
        }
        return false;
    }

    private static boolean mayHoldPages(String text) {
        if (text.indexOf("://") >= 0) return true;
        for (int dot = text.indexOf('.', 3); dot >= 0; dot = text.indexOf('.', dot + 1)) {
            if (text.regionMatches(true, dot - 3, "www", 0, 3)) return true;
        }
        return false;
    }

    static List<Finding> pages(String text) {
        if (!mayHoldPages(text)) return List.of();
        List<Finding> found = new ArrayList<>();
        Matcher match = PAGE.matcher(text);
        while (match.find()) {
            int end = match.end();
            // What ends a sentence or a bracket is none of the address.
            while (end > match.start() + 1 && ".,;:!?'\")]}*".indexOf(text.charAt(end - 1)) >= 0) end--;
            found.add(new Finding(PersonalKind.URL, match.start(), end));
        }
        return found;
    }

    static List<Finding> hosts(String text) {
        List<Finding> found = new ArrayList<>();
        if (text.indexOf('.') >= 0)
            collect(IP4, PersonalKind.IP, text,
                    match -> !VERSION.matcher(text.substring(Math.max(0, match.start() - 12), match.start())).find(),
                    found);
        if (text.indexOf(':') >= 0) collect(IP6, PersonalKind.IP, text, match -> isIp6(match.group()), found);
        return found;
    }

    /** Tells an address from a time of day and from "::" in programs: it has eight groups, or leaves some out once. */
    private static boolean isIp6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) return false;
        String[] groups = text.split(":", -1);
        if (gap < 0) return groups.length == 8 && List.of(groups).stream().noneMatch(String::isEmpty);
        boolean hasDigit = text.chars().anyMatch(Character::isDigit);
        return hasDigit && text.replace(":", "").length() >= 5;
    }

    static List<Finding> handles(String text) {
        List<Finding> found = new ArrayList<>();
        if (text.indexOf('@') >= 0) {
            collect(MENTION, PersonalKind.HANDLE, text, _ -> true, found);
            collect(HANDLE, PersonalKind.HANDLE, text, _ -> true, found);
        }
        if (text.indexOf('#') >= 0) collect(TAGGED, PersonalKind.HANDLE, text, _ -> true, found);
        if (text.contains("u/")) collect(REDDIT, PersonalKind.HANDLE, text, _ -> true, found);
        return found;
    }

    private static void collect(Pattern pattern, PersonalKind kind, String text, Predicate<MatchResult> isOne,
            List<Finding> found) {
        Matcher match = pattern.matcher(text);
        while (match.find()) if (isOne.test(match)) found.add(new Finding(kind, match.start(), match.end()));
    }
}
