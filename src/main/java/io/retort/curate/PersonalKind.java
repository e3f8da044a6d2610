package io.retort.curate;

/** A class of personal data, in the order in which they are looked for: a place in a text is of the first that fits. */
public enum PersonalKind {
    /** Mail addresses, also such as {@code name (at) example (dot) com}. */
    EMAIL,
    /** Addresses of pages: with {@code http://} or {@code www.}. */
    URL,
    /** International bank account numbers whose check digits are right. */
    IBAN,
    /** Numbers of payment cards: a known issuer's range, and Luhn's check digit is right. */
    CARD,
    /** IPv4 and IPv6 addresses. */
    IP,
    /** Phone numbers: international ones, and national ones where their form or the words before them tell. */
    PHONE,
    /** Names of accounts: {@code @name}, {@code name#1234}, {@code u/name}. */
    HANDLE,
    /** Names out of a list that the user gives. */
    NAME;

    /** What stands in a text instead of what was found. */
    public String mask() {
        return "[" + name().toLowerCase(java.util.Locale.ROOT) + "]";
    }
}
