package io.retort.ingest;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A date and a time of day as people's programs write them in their own languages, before it is known whether the day or
 * the month comes first.
 *
 * @param first       of the date's three numbers, as it stands there
 * @param second      of them
 * @param third       of them
 * @param month       1 to 12 where the month is written in letters, else 0; {@code second} means nothing then
 * @param secondOfDay from 0
 */
record ChatTime(int first, int second, int third, int month, int secondOfDay) {
    /** A date of three numbers, or with a month in letters. */
    static final String DATE = "(?:\\d{1,4}[./-] ?(?:\\d{1,2}|\\p{L}{3,9}\\.?)[./-] ?\\d{1,4}\\.?)";
    /** A time of day, with seconds or not, with the halves of the day in several languages. */
    static final String TIME = "(?:(?:上午|下午|오전|오후|午前|午後)? ?\\d{1,2}[:.]\\d{2}(?:[:.]\\d{2})?"
            + "(?: ?(?:[AaPp]\\.? ?[Mm]\\.?))?)";
    private static final Pattern DATE_PARTS = Pattern
            .compile("(\\d{1,4})[./-] ?(\\d{1,2}|\\p{L}{3,9}\\.?)[./-] ?(\\d{1,4})\\.?");
    private static final Pattern TIME_PARTS = Pattern.compile("(\\D*)(\\d{1,2})[:.](\\d{2})(?:[:.](\\d{2}))?(\\D*)");
    private static final List<String> MONTHS = List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep",
            "oct", "nov", "dec");

    /** Which of a date's numbers is what. */
    enum Order {
        DAY_MONTH_YEAR, MONTH_DAY_YEAR, YEAR_MONTH_DAY;

        /** As people say it. */
        String told() {
            return name().toLowerCase(Locale.ROOT).replace('_', '/');
        }
    }

    /** Reads what the patterns {@link #DATE} and {@link #TIME} found; empty if it is no date or time after all. */
    static Optional<ChatTime> of(String date, String time) {
        Matcher day = DATE_PARTS.matcher(date.strip());
        Matcher clock = TIME_PARTS.matcher(time.strip());
        if (!day.matches() || !clock.matches()) return Optional.empty();
        int month = month(day.group(2));
        boolean isNumber = Character.isDigit(day.group(2).charAt(0));
        if (!isNumber && month == 0) return Optional.empty();
        int hour = Integer.parseInt(clock.group(2));
        int minute = Integer.parseInt(clock.group(3));
        int second = clock.group(4) == null ? 0 : Integer.parseInt(clock.group(4));
        String half = (clock.group(1) + clock.group(5)).toLowerCase(Locale.ROOT);
        boolean isAfternoon = half.startsWith("下") || half.startsWith("오후") || half.startsWith("午後")
                || half.strip().startsWith("p");
        boolean isMorning = half.startsWith("上") || half.startsWith("오전") || half.startsWith("午前")
                || half.strip().startsWith("a");
        if (isAfternoon && hour < 12) hour += 12;
        if (isMorning && hour == 12) hour = 0;
        if (hour > 23 || minute > 59 || second > 59) return Optional.empty();
        return Optional.of(new ChatTime(Integer.parseInt(day.group(1)), isNumber ? Integer.parseInt(day.group(2)) : 0,
                Integer.parseInt(day.group(3)), month, (hour * 60 + minute) * 60 + second));
    }

    private static int month(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.length() < 3 ? 0 : 1 + MONTHS.indexOf(lower.substring(0, 3));
    }

    /** Whether the numbers can be a date in an order. */
    boolean fits(Order order) {
        return seconds(order).isPresent();
    }

    /** Seconds since 1970 as if in UTC, which is as good as any zone to tell how long a pause was. */
    Optional<Long> seconds(Order order) {
        int year;
        int monthOfYear;
        int day;
        if (month > 0) {
            boolean yearFirst = first > 31;
            year = yearFirst ? first : third;
            monthOfYear = month;
            day = yearFirst ? third : first;
        } else {
            year = order == Order.YEAR_MONTH_DAY ? first : third;
            monthOfYear = order == Order.MONTH_DAY_YEAR ? first : second;
            day = order == Order.DAY_MONTH_YEAR ? first : order == Order.MONTH_DAY_YEAR ? second : third;
        }
        if (year < 100) year += 2000;
        if (year < 1970) return Optional.empty();
        try {
            LocalDateTime time = LocalDate.of(year, monthOfYear, day).atStartOfDay().plusSeconds(secondOfDay);
            return Optional.of(time.toEpochSecond(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Finds out in which order the dates of a file stand, by which all of them can be dates, and go forward. */
    static final class Orders {
        private static final int KINDS = Order.values().length;
        private final long[] impossible = new long[KINDS];
        private final long[] backward = new long[KINDS];
        private final long[] last = new long[KINDS];
        private boolean monthsFirst;

        /** @param isTwelveHour whether the file writes times with AM and PM, as those who put months first do */
        void see(ChatTime time, boolean isTwelveHour) {
            monthsFirst |= isTwelveHour;
            for (Order order : Order.values()) {
                int kind = order.ordinal();
                Optional<Long> seconds = time.seconds(order);
                if (seconds.isEmpty()) {
                    impossible[kind]++;
                } else {
                    if (seconds.get() < last[kind]) backward[kind]++;
                    last[kind] = seconds.get();
                }
            }
        }

        Order best() {
            Order first = monthsFirst ? Order.MONTH_DAY_YEAR : Order.DAY_MONTH_YEAR;
            Order best = first;
            for (Order order : Order.values()) {
                int kind = order.ordinal();
                int than = best.ordinal();
                if (impossible[kind] < impossible[than]
                        || impossible[kind] == impossible[than] && backward[kind] < backward[than])
                    best = order;
            }
            return best;
        }
    }
}
