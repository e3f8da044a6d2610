package io.retort.curate;

import io.retort.curate.PersonalData.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Phone numbers. A run of digits and separators is one if it is written as an international number (+ or 00), in a
 * national form that little else has, or if the words before it say so.
 */
final class PhoneNumbers {
    /** Fewer digits are no phone number. */
    static final int FEWEST_DIGITS = 5;
    private static final Pattern RUN = Pattern
            .compile(
                    "(?<![\\p{L}\\p{N}.,/#$€£¥-])(?:\\+ ?|\\()?\\d(?:[ \\u00a0().\\u2011\\u2013/-]{0,3}\\d){4,18}(?![\\p{N}]|\\p{L}|[.,:/-]\\d|%|\\s?[€£])");
    private static final Pattern INTERNATIONAL = Pattern.compile("(?:\\+ ?|00)[1-9].*");
    /** North America: area and exchange do not start with 0 or 1. */
    private static final Pattern NORTH_AMERICAN = Pattern.compile(
            "(?:1[ .-]?)?(?:\\([2-9]\\d{2}\\) ?|[2-9]\\d{2}[ .\\u2011-])[2-9]\\d{2}[ .\\u2011-]\\d{4}");
    /** Elsewhere: 0, area, and groups. */
    private static final Pattern TRUNK = Pattern
            .compile("\\(?0[1-9]\\d{0,4}\\)?(?:[ /\\u2011\\u2013.-]{1,3}\\d{2,8}){1,5}");
    private static final Pattern BARE_TRUNK = Pattern.compile("0[1-9]\\d{8,9}");
    private static final Pattern DATE = Pattern.compile("\\d{1,4}([./-])\\d{1,2}\\1\\d{1,4}(?:[ T]\\d{1,2}.*)?"
            + "|(?:1[5-9]|20)\\d{2} ?[-\\u2013] ?(?:1[5-9]|20)\\d{2}|(?:1[5-9]|20)\\d{2}(?: (?:1[5-9]|20)\\d{2})+");

    private PhoneNumbers() {
    }

    static List<Finding> find(String text) {
        List<Finding> found = new ArrayList<>();
        Matcher match = RUN.matcher(text);
        while (match.find()) {
            int start = match.start();
            if (isPhone(match.group(), text, start)) found.add(new Finding(PersonalKind.PHONE, start, match.end()));
        }
        return found;
    }

    private static boolean isPhone(String run, String text, int start) {
        int digits = (int) run.chars().filter(Character::isDigit).count();
        if (DATE.matcher(run).matches() || NumberContext.namesMoney(text, start)) return false;
        if (NumberContext.namesAnotherNumber(text, start)) return false;
        if (INTERNATIONAL.matcher(run).matches()) return digits >= 8 && digits <= 17;
        if (NORTH_AMERICAN.matcher(run).matches()) return true;
        if (TRUNK.matcher(run).matches() || BARE_TRUNK.matcher(run).matches()) return digits >= 9 && digits <= 12;
        return digits >= 6 && digits <= 15 && NumberContext.namesPhone(text, start);
    }
}
