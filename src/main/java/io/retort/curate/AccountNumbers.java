package io.retort.curate;

import io.retort.curate.PersonalData.Finding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers that carry check digits: those of bank accounts and of payment cards. */
final class AccountNumbers {
    /** Fewer digits are in no account number: the check digits. */
    static final int FEWEST_OF_IBAN = 2;
    /** Fewer digits are in no card's number. */
    static final int FEWEST_OF_CARD = 13;
    private static final Pattern IBAN_START = Pattern
            .compile("(?<![\\p{L}\\p{N}])[A-Za-z]{2}\\d{2}(?=[ -]?[A-Za-z0-9])");
    /** Lengths by country, as the registry of ISO 13616 has them. */
    private static final Map<String, Integer> IBAN_LENGTHS = lengths(
            "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 "
                    + "BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 "
                    + "GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 "
                    + "MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 "
                    + "SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30");
    private static final Pattern CARD = Pattern
            .compile("(?<![\\p{L}\\p{N}.,+#-])\\d(?:[ -]?\\d){12,18}(?![\\p{L}\\p{N}]|[.,-]\\d)");
    private static final Pattern ISSUERS = Pattern.compile("4\\d{12}(?:\\d{3}){0,2}" // Visa
            + "|5[1-5]\\d{14}|2(?:22[1-9]|2[3-9]\\d|[3-6]\\d\\d|7[01]\\d|720)\\d{12}" // Mastercard
            + "|3[47]\\d{13}" // American Express
            + "|6(?:011|4[4-9]\\d|5\\d\\d)\\d{12,15}|62\\d{14,17}" // Discover, UnionPay
            + "|35(?:2[89]|[3-8]\\d)\\d{12,15}" // JCB
            + "|3(?:0[0-5]|[689]\\d)\\d{11,16}" // Diners Club
            + "|(?:50|5[6-9]|6[0-9])\\d{11,17}"); // Maestro

    private AccountNumbers() {
    }

    private static Map<String, Integer> lengths(String table) {
        Map<String, Integer> lengths = new HashMap<>();
        for (String entry : table.split(" ")) lengths.put(entry.substring(0, 2), Integer.valueOf(entry.substring(2)));
        return Map.copyOf(lengths);
    }

    static List<Finding> ibans(String text) {
        List<Finding> found = new ArrayList<>();
        Matcher start = IBAN_START.matcher(text);
        while (start.find()) {
            Integer length = IBAN_LENGTHS
                    .get(text.substring(start.start(), start.start() + 2).toUpperCase(Locale.ROOT));
            int end = length == null ? -1 : endOf(text, start.start(), length);
            if (end > 0) found.add(new Finding(PersonalKind.IBAN, start.start(), end));
        }
        return found;
    }

    /** Where the account number of so many letters and digits ends, single spaces or dashes between; -1 if it is none. */
    private static int endOf(String text, int start, int length) {
        StringBuilder compact = new StringBuilder(length);
        int at = start;
        while (compact.length() < length && at < text.length()) {
            char c = text.charAt(at);
            boolean isGap = (c == ' ' || c == '-') && text.charAt(at - 1) != ' ' && text.charAt(at - 1) != '-';
            boolean isAscii = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
            if (isAscii) compact.append(Character.toUpperCase(c));
            else if (!isGap) return -1;
            at++;
        }
        boolean isWhole = compact.length() == length
                && (at == text.length() || !Character.isLetterOrDigit(text.charAt(at)));
        return isWhole && remainder97(compact) == 1 ? at : -1;
    }

    /** The remainder by 97 of the number that ISO 7064 makes of an account number: its first four signs go last. */
    private static int remainder97(CharSequence iban) {
        int remainder = 0;
        for (int i = 0; i < iban.length(); i++) {
            int value = Character.digit(iban.charAt((i + 4) % iban.length()), 36);
            remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97;
        }
        return remainder;
    }

    static List<Finding> cards(String text) {
        List<Finding> found = new ArrayList<>();
        Matcher match = CARD.matcher(text);
        while (match.find()) {
            String digits = match.group().replaceAll("[ -]", "");
            if (!ISSUERS.matcher(digits).matches() || !isLuhn(digits) || hasOddGroups(match.group())) continue;
            if (NumberContext.namesAnotherNumber(text, match.start())) continue;
            found.add(new Finding(PersonalKind.CARD, match.start(), match.end()));
        }
        return found;
    }

    /** Groups of one or two digits are a list of numbers, or a date, but for what a card's number may end in. */
    private static boolean hasOddGroups(String number) {
        String[] groups = number.split("[ -]");
        for (int i = 0; i < groups.length - 1; i++) if (groups[i].length() < 3) return true;
        return false;
    }

    private static boolean isLuhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int value = digits.charAt(digits.length() - 1 - i) - '0';
            sum += i % 2 == 0 ? value : value < 5 ? 2 * value : 2 * value - 9;
        }
        return sum % 10 == 0 && digits.chars().distinct().count() > 1;
    }
}
