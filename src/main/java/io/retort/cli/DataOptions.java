package io.retort.cli;

import io.retort.files.TextLines;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.RecordFile;
import io.retort.dialogue.RecordReader;
import io.retort.files.BadInput;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Which replies go into an index. */
final class DataOptions {
    @Option(names = {"-d", "--data"}, required = true, arity = "1..*", paramLabel = "FILE",
            description = "Dialogues or distilled data (JSONL, also gzipped), or replies one a line (a name that "
                    + "ends in .txt).")
    List<Path> data;

    @Option(names = "--key", paramLabel = "KIND", defaultValue = "reply",
            description = "What contexts are compared with: reply (the paper's), context (what the reply "
                    + "answered), both. "
                    + "An encoder that was not trained on dialogue answers better with both. Default: "
                    + "${DEFAULT-VALUE}.")
    KeyedBy key;

    @Option(names = "--history", paramLabel = "N", defaultValue = "4",
            description = "Turns of a context, where contexts are keys. Default: ${DEFAULT-VALUE}.")
    int history;

    @Option(names = "--min-words", paramLabel = "N", defaultValue = "1",
            description = "Leave out replies of fewer words. Default: ${DEFAULT-VALUE}.")
    int minWords;

    /** Reads all files. */
    IndexedReplies read() throws IOException {
        IndexedReplies replies = new IndexedReplies(key);
        Exchanges exchanges = Exchanges.standard().withHistory(history).withMinimumWords(minWords);
        for (Path file : data) {
            if (holdsPlainText(file)) readText(file, replies);
            else readRecords(file, exchanges, replies);
        }
        return replies;
    }

    /** Adds the replies of a file of dialogues or distilled data. */
    static void readRecords(Path file, Exchanges exchanges, IndexedReplies replies) throws IOException {
        switch (RecordFile.sniff(file)) {
            case DialogueFile format -> {
                try (RecordReader<Dialogue> reader = format.open(file)) {
                    reader.forEachRemaining(dialogue -> exchanges.of(dialogue).forEach(replies::add));
                }
            }
            case DistilledFile format -> {
                try (var reader = format.open(file)) {
                    reader.forEachRemaining(replies::add);
                }
            }
            case RankingFile _ ->
                throw BadInput.in(file, "is a ranking test, not a response set", "give dialogues or distilled data");
        }
    }

    /** Replies one a line have no mark of their own: their name tells them. */
    static boolean holdsPlainText(Path file) {
        String name = file.toString();
        return name.endsWith(".txt") || name.endsWith(".txt.gz");
    }

    /** Adds the replies of a text file, one a line. */
    static void readText(Path file, IndexedReplies replies) throws IOException {
        try (TextLines lines = TextLines.open(file)) {
            while (lines.hasNext()) replies.add(lines.nextFilled());
        }
    }
}
