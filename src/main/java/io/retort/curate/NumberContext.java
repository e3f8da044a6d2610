package io.retort.curate;

import java.util.regex.Pattern;

/** What the words before a number say that it is. */
final class NumberContext {
    /** How many characters before a number are looked at. */
    private static final int REACH = 32;
    private static final String BETWEEN = "(?:(?:number|no|nr|id|code|is|was|are|us|me|on|at|of|the|my|our|your|him|her|back)\\b"
            + "|[ .:#()'\"-])*$";
    private static final Pattern ANOTHER = Pattern.compile("(?:\\b(?:order|orders|invoice|ticket|case|tracking|parcel|"
            + "reference|ref|serial|isbn|issn|ean|sku|model|part|article|item|product|booking|flight|version|build|page|"
            + "pages|customer|confirmation|transaction|gate|room|bug|issue|pr|commit)\\b" + BETWEEN + "|#)$",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern PHONE = Pattern.compile("\\b(?:call|calling|phone|telephone|tel|mobile|cell|text|txt|sms|"
            + "whatsapp|ring|dial|fax|reach|handy|hotline|telefon)\\b" + BETWEEN, Pattern.CASE_INSENSITIVE);
    private static final Pattern MONEY = Pattern.compile("[$€£¥₹]\\s?$|\\b(?:usd|eur|gbp|chf)\\s?$",
            Pattern.CASE_INSENSITIVE);

    private NumberContext() {
    }

    /** Whether it is told to be the number of an order, a ticket, a parcel or another thing. */
    static boolean namesAnotherNumber(String text, int start) {
        return ANOTHER.matcher(before(text, start)).find();
    }

    /** Whether it is told to be one that can be called. */
    static boolean namesPhone(String text, int start) {
        return PHONE.matcher(before(text, start)).find();
    }

    /** Whether it is an amount of money. */
    static boolean namesMoney(String text, int start) {
        return MONEY.matcher(before(text, start)).find();
    }

    private static String before(String text, int start) {
        return text.substring(Math.max(0, start - REACH), start);
    }
}
