package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.TextLines;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.util.List;

/** Plain text with one reply on each line: what any text could be that is nothing else, and a name that ends in .txt. */
final class ReplyLines implements ConversationFormat {
    @Override
    public String name() {
        return "replies";
    }

    @Override
    public String title() {
        return "replies, one a line";
    }

    @Override
    public boolean holdsReplies() {
        return true;
    }

    @Override
    public Recognition recognise(Sample sample) {
        String name = sample.file().toString();
        return name.endsWith(".txt") || name.endsWith(".txt.gz")
                ? Recognition.possible("is plain text")
                : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        TextLines lines = source.lines();
        return new Conversations() {
            @Override
            public Dialogue next() {
                if (!lines.hasNext()) return null;
                String text = lines.next();
                if (WhiteSpace.isBlank(text)) {
                    throw source.bad(lines.line(), "is empty or blank", "put one text on each line");
                }
                return new Dialogue(source.idAt(lines.line()), "", List.of(new Turn("", text)));
            }

            @Override
            public void close() {
                lines.close();
            }
        };
    }
}
