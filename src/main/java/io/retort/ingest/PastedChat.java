package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.files.TextLines;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one gets by copying from the window of a chat, and DiscordChatExporter's plain text: a line with a name and a
 * time ({@code Name — Today at 9:15 PM}, {@code Name  9:15 AM}, {@code [31-Dec-20 09:15 PM] Name}), and the message on the
 * lines after it. The name and the time may also stand on two lines.
 */
final class PastedChat implements ConversationFormat {
    private static final String WHEN = "(?:(?:(?<date>" + ChatTime.DATE
            + "),?|Today|Yesterday|Heute|Gestern|Hoje|Ontem)"
            + "(?: at| um| às)? )?(?<time>" + ChatTime.TIME + ")";
    private static final Pattern NAME_FIRST = Pattern
            .compile("^(?<name>\\S.{0,59}?)(?: — |\\s{2,}|\\t| \\[)" + WHEN + "\\]?\\s*$");
    private static final Pattern TIME_FIRST = Pattern
            .compile("^\\[(?=\\d{1,4}[-./])" + WHEN + "\\] (?<name>[^\\s<:][^:]{0,59})$");
    private static final Pattern TIME_ALONE = Pattern.compile("^\\s*\\[?" + WHEN + "\\]?\\s*$");
    private static final Pattern RULE = Pattern.compile("={10,}|-{10,}");
    private static final Pattern DISCORD_HEAD = Pattern
            .compile("(Guild|Channel|Topic|After|Before|Exported \\d+ message\\(s\\)|Exported): ?.*|Exported \\d.*");
    private static final Pattern DISCORD_PART = Pattern.compile("\\{(Attachments|Embed|Stickers|Reactions)\\}");
    private static final Pattern NEW_MESSAGES = Pattern.compile("(?i)new( messages)?|\\d+ repl(y|ies)|view thread"
            + "|last reply .*|:[a-z0-9_+-]+:|\\(edited\\)|app");
    private static final int LONGEST = 120;

    private record Header(String speaker, Optional<ChatTime> time, boolean isTwelveHour) {
        static Optional<Header> of(String line, String next) {
            if (line.length() > LONGEST || line.isBlank()) return Optional.empty();
            String plain = line.replace('\u202f', ' ').replace('\u00a0', ' ');
            for (Pattern pattern : List.of(NAME_FIRST, TIME_FIRST)) {
                Matcher matcher = pattern.matcher(plain);
                if (matcher.matches()) return Optional.of(of(matcher.group("name"), matcher));
            }
            if (next == null || next.length() > LONGEST || plain.length() > 60 || !plain.equals(plain.stripLeading())) {
                return Optional.empty();
            }
            Matcher alone = TIME_ALONE.matcher(next.replace('\u202f', ' ').replace('\u00a0', ' '));
            return alone.matches() && plain.chars().anyMatch(Character::isLetter) && !plain.endsWith(".")
                    ? Optional.of(of(plain, alone))
                    : Optional.empty();
        }

        private static Header of(String name, Matcher matcher) {
            String date = matcher.group("date");
            String time = matcher.group("time");
            return new Header(WhiteSpace.strip(name.replaceFirst(" (APP|BOT|\\(pinned\\))$", "")),
                    date == null ? Optional.empty() : ChatTime.of(date, time),
                    time.toLowerCase(java.util.Locale.ROOT).contains("m"));
        }
    }

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public String title() {
        return "a chat copied out of its window (a name and a time before each message)";
    }

    @Override
    public Recognition recognise(Sample sample) {
        List<String> lines = sample.lines();
        boolean isDiscord = lines.size() > 2 && RULE.matcher(lines.getFirst()).matches()
                && lines.get(1).startsWith("Guild: ");
        int headers = 0;
        for (int i = 0; i < lines.size(); i++) {
            if (Header.of(lines.get(i), i + 1 < lines.size() ? lines.get(i + 1) : null).isPresent()) headers++;
        }
        long text = lines.stream().filter(line -> !WhiteSpace.isBlank(line)).count();
        if (isDiscord && headers > 0) return Recognition.certain("has the head of DiscordChatExporter's plain text");
        boolean begins = lines.size() > 1 && lines.stream().limit(3).anyMatch(line -> Header
                .of(line, lines.get(Math.min(lines.size() - 1, lines.indexOf(line) + 1))).isPresent());
        return begins && headers > 1 && headers * 8L >= text
                ? Recognition.likely("has lines with a name and a time before each message")
                : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        var orders = new ChatTime.Orders();
        try (TextLines lines = source.lines()) {
            String line = lines.hasNext() ? lines.next() : null;
            while (line != null) {
                String next = lines.hasNext() ? lines.next() : null;
                Header.of(line, next).ifPresent(header -> header.time()
                        .ifPresent(time -> orders.see(time, header.isTwelveHour())));
                line = next;
            }
        }
        source.detail(TimedTalks.told(source));
        return new Reading(source, orders.best());
    }

    private static final class Reading extends LineConversations {
        private final ChatTime.Order order;
        private final TimedTalks talks;
        /** A line that waits for the next one, which may be the other half of a header; null if there is none. */
        private String waiting;
        private boolean inPart;

        Reading(Source source, ChatTime.Order order) throws IOException {
            super(source);
            this.order = order;
            this.talks = new TimedTalks(source);
        }

        @Override
        Dialogue read(String line) {
            String text = waiting;
            waiting = line;
            return text == null ? null : read(text, line, lines.line() - 1);
        }

        @Override
        Dialogue rest() {
            String text = waiting;
            waiting = null;
            Dialogue ended = text == null ? null : read(text, null, lines.line());
            return ended == null ? talks.take() : ended;
        }

        /** Reads a line that stands before {@code ahead}, which it takes along if that belongs to it. */
        private Dialogue read(String text, String ahead, long at) {
            Optional<Header> header = Header.of(text, ahead);
            if (header.isPresent()) {
                inPart = false;
                boolean isAlone = !NAME_FIRST.matcher(text.replace('\u202f', ' ').replace('\u00a0', ' ')).matches()
                        && !TIME_FIRST.matcher(text.replace('\u202f', ' ').replace('\u00a0', ' ')).matches();
                if (isAlone) waiting = null;
                return talks.say(header.get().speaker(), "", at, header.get().time().flatMap(t -> t.seconds(order)));
            }
            if (WhiteSpace.isBlank(text) || RULE.matcher(text).matches()) {
                inPart = false;
            } else if (DISCORD_PART.matcher(text).matches()) {
                inPart = true;
                source.leaveOut("attachments, embeds and reactions", 1);
            } else if (talks.isEmpty()) {
                if (!DISCORD_HEAD.matcher(text).matches()) source.leaveOut("lines before the first message", 1);
            } else if (!inPart && !NEW_MESSAGES.matcher(text.strip()).matches() && !isDiscordFoot(text)) {
                talks.goOn(WhiteSpace.strip(text));
            }
            return null;
        }

        private static boolean isDiscordFoot(String text) {
            return text.startsWith("Exported ") && text.endsWith(" message(s)");
        }
    }
}
