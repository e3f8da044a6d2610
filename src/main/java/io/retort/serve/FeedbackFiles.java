package io.retort.serve;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AppendedLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people thought of replies, in the two forms that training reads: distilled data, where each line is a context with
 * a reply that somebody found right or wrote, and listed negatives, where each is one with a reply that somebody found
 * wrong. Lines about one context have one id, which follows from what it says, so that both belong together. A line is on
 * the disk when {@link #keep} returns; of a killed process the start of one remains at most, which is cut off. Files are
 * made, and locked, with the first line. Any thread.
 */
final class FeedbackFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FeedbackFiles.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final long LARGEST = 1L << 28;
    private static final String ID = "feedback-", HEAD = "{\"id\":\"" + ID;

    private final Growing right;
    private final Growing wrong;

    /**
     * @param file of the replies that are right; those that are wrong lie beside it
     */
    FeedbackFiles(Path file) {
        this.right = new Growing(file);
        this.wrong = new Growing(wrongBeside(file));
    }

    /** Where the replies that were found wrong are kept. */
    static Path wrongBeside(Path right) {
        return right.resolveSibling(right.getFileName().toString().replaceFirst("\\.jsonl$", "") + ".negatives.jsonl");
    }

    /** The name of a context in both files. */
    static String id(List<String> context) {
        return ID + ResponseIds.of(String.join("\n", context));
    }

    /**
     * Keeps an opinion.
     *
     * @param better a reply that is right, if one is known: the one that was given, or another one
     * @param worse  a reply that is wrong, if one is known
     * @param about  who said so of what, and when; goes into the lines
     * @throws Fault if it cannot be kept
     */
    synchronized void keep(List<String> context, Optional<String> better, Optional<String> worse, ObjectNode about) {
        Optional<Long> before = worse.map(text -> {
            ObjectNode line = line(context);
            line.putArray("negatives").add(text);
            return wrong.append(line.set("feedback", about));
        });
        try {
            better.ifPresent(text -> {
                ObjectNode line = line(context);
                line.putArray("candidates").addObject().put("text", text).put("source", "original");
                right.append(line.set("feedback", about));
            });
        } catch (Fault e) {
            before.ifPresent(wrong::keepOnly); // an opinion is kept as a whole or not at all
            throw e;
        }
    }

    private static ObjectNode line(List<String> context) {
        ObjectNode line = JSON.createObjectNode().put("id", id(context));
        context.forEach(line.putArray("context")::add);
        return line;
    }

    @Override
    public synchronized void close() throws IOException {
        try (right; wrong) {
            // Both are closed, whatever becomes of the other.
        }
    }

    /** One of the two files. */
    private static final class Growing implements AutoCloseable {
        private final Path file;
        private AppendedLines lines;
        private long length;

        Growing(Path file) {
            this.file = file;
        }

        /** Adds a line; returns where it begins. */
        long append(ObjectNode line) {
            try {
                if (lines == null) lines = opened();
                byte[] bytes = (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
                if (length + bytes.length > LARGEST) {
                    throw Fault.of(507, "feedback_full", "no more feedback is kept: its file is as large as it may be");
                }
                lines.append(bytes);
                length += bytes.length;
                return length - bytes.length;
            } catch (IOException e) {
                throw Fault.of(507, "storage_failed", "the feedback cannot be kept: the server's disk is full or not "
                        + "writable");
            }
        }

        void keepOnly(long bytes) {
            try {
                lines.keep(bytes);
                length = bytes;
            } catch (IOException e) {
                LOG.warn("a part of an opinion stays in {}, which cannot be cut", file, e);
            }
        }

        private AppendedLines opened() throws IOException {
            if (file.toAbsolutePath().getParent() != null) Files.createDirectories(file.toAbsolutePath().getParent());
            AppendedLines opened = AppendedLines.open(file).orElseThrow(() -> Fault.of(409, "feedback_in_use",
                    "another process keeps its feedback in the same file; give this server one of its own"));
            try {
                byte[] bytes = opened.from(0);
                if (!isOurs(bytes)) {
                    throw Fault.of(409, "feedback_in_use", "the file that is to keep feedback holds something else; "
                            + "name another");
                }
                int whole = bytes.length;
                while (whole > 0 && bytes[whole - 1] != '\n') whole--;
                opened.keep(whole);
                length = whole;
                return opened;
            } catch (Throwable e) {
                opened.close();
                throw e;
            }
        }

        /** Whether bytes are lines of feedback, as far as they go. */
        private static boolean isOurs(byte[] bytes) {
            int seen = Math.min(bytes.length, HEAD.length());
            return new String(bytes, 0, seen, StandardCharsets.UTF_8).equals(HEAD.substring(0, seen));
        }

        @Override
        public void close() throws IOException {
            if (lines != null) lines.close();
        }
    }
}
