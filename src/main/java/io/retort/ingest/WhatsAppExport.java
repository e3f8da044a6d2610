package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.files.TextLines;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A chat that WhatsApp exported, from Android ({@code 12/31/20, 9:15 PM - Name: text}) or iOS ({@code [31.12.20,
 * 21:15:03] Name: text}), in the order of dates and the language of the telephone. Lines of the program's own, media and
 * deleted messages are left out.
 */
final class WhatsAppExport implements ConversationFormat {
    private static final Pattern HEADER = Pattern.compile("^(?:\\[(?<date>" + ChatTime.DATE
            + "),? ?(?:um |at |às |a las )?(?<time>"
            + ChatTime.TIME + ")\\] (?<rest>.*)|(?<date2>" + ChatTime.DATE + "),? ?(?:um |at |às |a las )?(?<time2>"
            + ChatTime.TIME + ") [-–] (?<rest2>.*))$", Pattern.DOTALL);
    private static final int LONGEST_HEADER = 64;
    private static final int LONGEST_NAME = 80;
    private static final Pattern MARKS = Pattern.compile("[\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]");
    /** What Android writes for a picture in every language, and the names of files that are attached. */
    private static final Pattern MEDIA = Pattern.compile("<[^<>]{3,60}>|[^\\s/]{1,100}\\.\\w{2,5} \\([^()]{3,40}\\)");
    private static final Pattern EDITED = Pattern.compile("\\s*<[^<>]{3,60}>$");
    private static final List<String> DELETED = List.of("this message was deleted", "you deleted this message",
            "diese nachricht wurde gelöscht", "du hast diese nachricht gelöscht", "mensagem apagada",
            "essa mensagem foi apagada", "você apagou esta mensagem", "ce message a été supprimé",
            "eliminaste este mensaje", "se eliminó este mensaje", "questo messaggio è stato eliminato",
            "waiting for this message", "null");

    /**
     * The first line of a message, or a line of the program's own.
     *
     * @param speaker null for a line of the program's own
     */
    private record Header(ChatTime time, boolean isTwelveHour, String speaker, String text) {
        static Optional<Header> of(String line) {
            String head = plain(line.substring(0, Math.min(line.length(), LONGEST_HEADER)));
            if (head.isEmpty() || head.charAt(0) != '[' && !Character.isDigit(head.charAt(0))) return Optional.empty();
            Matcher matcher = HEADER.matcher(head);
            if (!matcher.matches()) return Optional.empty();
            boolean isBracketed = matcher.group("date") != null;
            String clock = matcher.group(isBracketed ? "time" : "time2");
            Optional<ChatTime> time = ChatTime.of(matcher.group(isBracketed ? "date" : "date2"), clock);
            if (time.isEmpty()) return Optional.empty();
            int end = matcher.start(isBracketed ? "rest" : "rest2");
            String rest = original(line, end);
            boolean isTwelve = clock.toLowerCase(Locale.ROOT).contains("m");
            int colon = rest.indexOf(": ");
            if (colon < 0 && rest.endsWith(":")) colon = rest.length() - 1;
            if (colon < 1 || colon > LONGEST_NAME) return Optional.of(new Header(time.get(), isTwelve, null, rest));
            String name = WhiteSpace.strip(plain(rest.substring(0, colon)));
            if (name.startsWith("~")) name = WhiteSpace.strip(name.substring(1));
            String text = rest.substring(Math.min(rest.length(), colon + 2));
            return Optional.of(name.isEmpty()
                    ? new Header(time.get(), isTwelve, null, rest)
                    : new Header(time.get(), isTwelve, name, text));
        }

        /** The line after so many characters of its plain form. */
        private static String original(String line, int plainLength) {
            int at = 0;
            int count = 0;
            while (at < line.length() && count < plainLength) {
                if (!MARKS.matcher(line.substring(at, at + 1)).matches()) count++;
                at++;
            }
            return line.substring(at);
        }
    }

    /** A text without direction marks and with plain spaces, as long as it was but for the marks. */
    private static String plain(String text) {
        return MARKS.matcher(text).replaceAll("").replace('\u202f', ' ').replace('\u00a0', ' ');
    }

    @Override
    public String name() {
        return "whatsapp";
    }

    @Override
    public String title() {
        return "a WhatsApp export";
    }

    @Override
    public Recognition recognise(Sample sample) {
        List<String> lines = sample.lines();
        long messages = lines.stream().map(Header::of).filter(header -> header.isPresent()
                && header.get().speaker() != null).count();
        boolean begins = lines.stream().filter(line -> !WhiteSpace.isBlank(line)).findFirst().flatMap(Header::of)
                .isPresent();
        return begins && messages > 0
                ? Recognition.certain("has lines that begin with a date, a time and a name")
                : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        var orders = new ChatTime.Orders();
        try (TextLines lines = source.lines()) {
            lines.forEachRemaining(line -> Header.of(line)
                    .ifPresent(header -> orders.see(header.time(), header.isTwelveHour())));
        }
        source.detail("dates as " + orders.best().told() + "; " + TimedTalks.told(source));
        return new Reading(source, orders.best());
    }

    private static final class Reading extends LineConversations {
        private final ChatTime.Order order;
        private final TimedTalks talks;
        private boolean leavesOut = true;

        Reading(Source source, ChatTime.Order order) throws IOException {
            super(source);
            this.order = order;
            this.talks = new TimedTalks(source);
        }

        @Override
        Dialogue rest() {
            return talks.take();
        }

        @Override
        Dialogue read(String line) {
            Optional<Header> found = Header.of(line);
            if (found.isEmpty()) {
                // A line without a header belongs to the message before it, whether that is kept or not.
                if (!leavesOut) talks.goOn(clean(line));
                else if (!WhiteSpace.isBlank(line)) source.leaveOut("lines that belong to no message", 1);
                return null;
            }
            Header header = found.get();
            String what = leftOut(header);
            leavesOut = what != null;
            if (leavesOut) {
                source.leaveOut(what, 1);
                return null;
            }
            return talks.say(header.speaker(), clean(header.text()), lines.line(), header.time().seconds(order));
        }

        private static String leftOut(Header header) {
            if (header.speaker() == null) return "system lines";
            // A mark before the text says that the program wrote it: a picture left out, somebody who joined.
            String text = header.text();
            if (text.startsWith("\u200e")) return "media and system messages";
            String plain = WhiteSpace.strip(plain(text));
            if (MEDIA.matcher(plain).matches()) return "media and system messages";
            String lower = plain.toLowerCase(Locale.ROOT);
            boolean isDeleted = plain.length() < 100 && DELETED.stream()
                    .anyMatch(each -> lower.equals(each) || lower.equals(each + ".") || each.length() > 9
                            && lower.startsWith(each));
            return isDeleted ? "deleted messages" : null;
        }

        private static String clean(String text) {
            String plain = MARKS.matcher(text).replaceAll("");
            return plain.endsWith(">") ? EDITED.matcher(plain).replaceFirst("") : plain;
        }
    }
}
