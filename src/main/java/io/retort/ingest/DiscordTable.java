package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.files.WhiteSpace;
import java.io.IOException;

/** A channel as DiscordChatExporter writes it to CSV, which has no column that tells conversations apart. */
final class DiscordTable implements ConversationFormat {
    private static final String HEADER = "AuthorID,Author,Date,Content,";

    @Override
    public String name() {
        return "discord-csv";
    }

    @Override
    public String title() {
        return "a Discord export in CSV";
    }

    @Override
    public Recognition recognise(Sample sample) {
        return !sample.lines().isEmpty() && sample.lines().getFirst().startsWith(HEADER)
                ? Recognition.certain("has the header of DiscordChatExporter")
                : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        source.detail(TimedTalks.told(source));
        Rows rows = new TableFormat.TextRows(source, ',');
        TimedTalks talks = new TimedTalks(source);
        return new Conversations() {
            @Override
            public Dialogue next() throws IOException {
                for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
                    String text = row.get("Content");
                    if (WhiteSpace.isBlank(text)) {
                        source.leaveOut("messages without a text", 1);
                        continue;
                    }
                    String author = row.get("Author");
                    if (WhiteSpace.isBlank(author)) throw source.bad(row.line(), "has no `Author`", "give it one");
                    Dialogue ended = talks.say(author, text, row.line(), DiscordExport.seconds(row.get("Date")));
                    if (ended != null) return ended;
                }
                return talks.take();
            }

            @Override
            public void close() throws IOException {
                rows.close();
            }
        };
    }
}
