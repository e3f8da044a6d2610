package io.retort.safety;

import it.unimi.dsi.fastutil.ints.Int2ObjectOpenHashMap;
import java.text.Normalizer;
import java.util.Locale;

/**
 * Writes a text in plain letters: compatibility forms (full width, mathematical, circled) and accents by Unicode's
 * decomposition, letters of other scripts that look like Latin ones by a table of the common ones among Unicode's
 * confusables, and without characters that are not seen. Linear in the text. Any thread.
 */
final class LookAlikes {
    /** Each Latin letter with what looks like it, in small letters. */
    private static final String[] TABLE = {
        "a \u0430\u03b1\u0251\u1d00\u13aa\u2c65\u0250", "b \u0432\u03b2\u0253\u0299\u042c\u044c\u0184\u0185\u13f4",
        "c \u0441\u03f2\u1d04\u0188\u2ca5", "d \u0501\u0257\u1d05\u0256\u13e7",
        "e \u0435\u0454\u03b5\u1d07\u0451\u0117\u025b\u0259\u04bd",
        "f \u0192\ua730\u03dd\u0493", "g \u0261\u0262\u050d\u0581\u0260",
        "h \u04bb\u043d\u029c\u0570\u0266\u04a3\u0127",
        "i \u0456\u03b9\u0131\u026a\u0269\u04cf\u0457\u0268", "j \u0458\u1d0a\u029d\u03f3",
        "k \u043a\u03ba\u1d0b\u0199\u049b\u049d\u049f",
        "l \u029f\u0142\u026d\u029f\u04c0\u2113\u01c0\u019a", "m \u043c\u1d0d\u0271\u03fb",
        "n \u0438\u03b7\u0274\u0578\u0273\u03c0\u043f\u0272",
        "o \u043e\u03bf\u1d0f\u03c3\u0585\u00f8\u0275\u0b20\u0d20\u05e1", "p \u0440\u03c1\u1d18\u00fe\u01a5",
        "q \u051b\u024b\u0563",
        "r \u0433\u0280\u1d26\u027e\u027d\u044f", "s \u0455\ua731\u0282\u0282\u01bd\u10bd",
        "t \u0442\u03c4\u1d1b\u01ad\u0288\u0163\u021b",
        "u \u057d\u03c5\u1d1c\u028b\u0446\u00b5\u03bc", "v \u03bd\u0475\u1d20\u0474",
        "w \u0461\u03c9\u1d21\u051d\u0448\u0449\u026f",
        "x \u0445\u03c7\u00d7\u04b3", "y \u0443\u04af\u03b3\u028f\u0263\u04b1\u00a5", "z \u1d22\u0290\u01b6\u0240",
        "ss \u00df", "ae \u00e6",
        "oe \u0153"};
    private static final Int2ObjectOpenHashMap<String> PLAIN = new Int2ObjectOpenHashMap<>();
    /** Regional indicators and the squared and circled letters that have no decomposition begin here. */
    private static final int[] ALPHABETS = {0x1F1E6, 0x1F150, 0x1F170, 0x1F130};
    static {
        for (String row : TABLE) {
            String latin = row.substring(0, row.indexOf(' '));
            row.substring(latin.length() + 1).codePoints().forEach(c -> PLAIN.put(c, latin));
        }
    }

    private LookAlikes() {}

    /** A text in small plain letters, as far as its letters have any; all else stays, but what is not seen. */
    static String plain(String text) {
        if (isAscii(text)) return text.toLowerCase(Locale.ROOT);
        String apart = Normalizer.normalize(text, Normalizer.Form.NFKD).toLowerCase(Locale.ROOT);
        StringBuilder plain = new StringBuilder(apart.length());
        for (int i = 0; i < apart.length();) {
            int c = apart.codePointAt(i);
            i += Character.charCount(c);
            if (c < 0x80) plain.append((char) c);
            else if (!isUnseen(c)) append(plain, c);
        }
        return plain.toString();
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) if (text.charAt(i) >= 0x80) return false;
        return true;
    }

    /** Accents, joiners, soft hyphens, marks of direction, variation selectors, tags, fillers. */
    private static boolean isUnseen(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT
                || c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0;
    }

    private static void append(StringBuilder plain, int c) {
        String latin = PLAIN.get(c);
        if (latin != null) {
            plain.append(latin);
            return;
        }
        for (int alphabet : ALPHABETS) {
            if (c >= alphabet && c < alphabet + 26) {
                plain.append((char) ('a' + c - alphabet));
                return;
            }
        }
        plain.appendCodePoint(c);
    }
}
