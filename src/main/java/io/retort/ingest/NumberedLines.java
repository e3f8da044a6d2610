package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The older text of ParlAI and the bAbI tasks: {@code 1 hello<TAB>hi}, numbered from 1 in each dialogue. What stands
 * before the first tab is said to the model, what stands after it is its reply; rewards and candidates are left out.
 */
final class NumberedLines implements ConversationFormat {
    private static final Pattern LINE = Pattern.compile("(\\d{1,9}) (.*)", Pattern.DOTALL);

    private record Numbered(long number, String[] fields) {
        static Optional<Numbered> of(String line) {
            Matcher matcher = LINE.matcher(line);
            return matcher.matches()
                    ? Optional.of(new Numbered(Long.parseLong(matcher.group(1)), matcher.group(2).split("\t", -1)))
                    : Optional.empty();
        }
    }

    @Override
    public String name() {
        return "fbdialog";
    }

    @Override
    public String title() {
        return "numbered dialogue text (fbdialog)";
    }

    @Override
    public Recognition recognise(Sample sample) {
        long before = 0;
        long inOrder = 0;
        long answered = 0;
        List<String> lines = sample.lines().stream().filter(line -> !WhiteSpace.isBlank(line)).toList();
        for (String line : lines) {
            Optional<Numbered> numbered = Numbered.of(line);
            if (numbered.isEmpty()) continue;
            long number = numbered.get().number;
            if (number == 1 || number == before + 1) inOrder++;
            if (numbered.get().fields.length > 1) answered++;
            before = number;
        }
        boolean begins = !lines.isEmpty() && lines.getFirst().startsWith("1 ");
        return begins && answered > 0 && inOrder * 10 >= lines.size() * 9L && answered * 3 >= lines.size()
                ? Recognition.certain("has lines numbered from 1 with a tab before the reply")
                : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        Talk talk = new Talk(source);
        return new LineConversations(source) {
            private String heard = "";

            @Override
            Dialogue read(String line) {
                if (WhiteSpace.isBlank(line)) return null;
                Numbered numbered = Numbered.of(line).orElseThrow(() -> source.bad(lines.line(),
                        "does not begin with a number", "write NUMBER, a space, what is said, a tab, the reply"));
                Dialogue ended = numbered.number == 1 || talk.isFull() ? rest() : null;
                add(numbered.fields);
                return ended;
            }

            @Override
            Dialogue rest() {
                if (!heard.isEmpty()) ParlaiText.say(talk, source, ParlaiText.USER, heard, lines.line());
                heard = "";
                return talk.take();
            }

            private void add(String[] fields) {
                String said = fields[0].equals("__SILENCE__") ? "" : fields[0];
                heard = heard.isEmpty() || said.isEmpty() ? heard + said : heard + "\n" + said;
                if (fields.length < 2) return;
                if (!heard.isEmpty()) ParlaiText.say(talk, source, ParlaiText.USER, heard, lines.line());
                heard = "";
                String reply = fields[1].split("\\|", 2)[0];
                if (!WhiteSpace.isBlank(reply)) talk.say(ParlaiText.ASSISTANT, reply, lines.line());
                if (fields.length > 3) source.leaveOut("lists of candidates", 1);
            }
        };
    }
}
