package io.retort.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Response;
import io.retort.dialogue.Turn;
import io.retort.settings.InvalidSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of dialogues. */
class CurationTest {
    private static final CurationSettings ALL = CurationSettings.defaults();

    /** A talk of two who take turns. */
    private static Dialogue talk(String id, String... texts) {
        List<Turn> turns = new ArrayList<>();
        for (String text : texts) turns.add(new Turn(turns.size() % 2 == 0 ? "guest" : "shop", text));
        return new Dialogue(id, "", turns);
    }

    private static List<Dialogue> take(Curation curation, Dialogue dialogue) {
        return curation.take(curation.inspect(dialogue), "shop"::equals, "here:1");
    }

    private static List<String> texts(Dialogue dialogue) {
        return dialogue.turns().stream().map(Turn::text).toList();
    }

    @Test
    void byItselfEverythingIsKeptAsItIsAndCounted() throws IOException {
        Curation curation = new Curation(ALL);
        Dialogue talk = talk("1", "I am kim@example.org", "Thanks!", "<br>", "Thanks!");
        assertEquals(List.of(talk), take(curation, talk));
        assertEquals(List.of(talk), take(curation, talk));
        CurationReport report = curation.report();
        assertEquals(2, report.dialogues());
        assertEquals(8, report.keptTurns());
        assertEquals(1, report.repeatedDialogues());
        assertEquals(4, report.replies());
        assertEquals(3, report.repeatedReplies());
        assertEquals(Map.of(PersonalKind.EMAIL, 2L), report.personal());
        assertEquals(Map.of(Suspicion.HTML, 2L), report.suspicious());
        assertEquals(new CurationReport.Example("here:1", 3, "<br>"), report.examples().get(Suspicion.HTML).getFirst());
        assertEquals(List.of(new CurationReport.Frequent("Thanks!", 4)), report.frequent());
        assertEquals(Map.of("guest", 4L, "shop", 4L), report.speakers());
        assertEquals(Map.of(), report.leftOut());
    }

    @Test
    void personalDataAreMaskedInTurnsSpeakersAndMeta() throws IOException {
        Curation curation = new Curation(ALL.withPersonalData(PersonalTreatment.MASK));
        Dialogue chat = new Dialogue("1", "", "", List.of(new Turn("+44 20 7946 0958", "mail kim@example.org"),
                new Turn("+44 20 7946 0999", "ok"), new Turn("+44 20 7946 0958", "bye")),
                Map.of("from", "kim@example.org", "n", 3, "more", List.of("a@example.org")));
        Dialogue kept = take(curation, chat).getFirst();
        assertEquals(List.of(new Turn("person 1", "mail [email]"), new Turn("person 2", "ok"), new Turn("person 1",
                "bye")), kept.turns());
        assertEquals(Map.of("from", "[email]", "n", 3, "more", List.of("[email]")), kept.meta());
        assertEquals(Map.of(PersonalKind.EMAIL, 1L, PersonalKind.PHONE, 2L), curation.report().personal());
    }

    @Test
    void aTurnThatIsLeftOutCutsItsTalkSoThatNoReplyGetsAForeignContext() throws IOException {
        Curation curation = new Curation(ALL.withPersonalData(PersonalTreatment.DROP));
        List<Dialogue> kept = take(curation,
                talk("t", "hello", "hi there", "I am kim@example.org", "nice name", "yes it is",
                        "what can I do?"));
        assertEquals(List.of("t", "t/2"), kept.stream().map(Dialogue::id).toList());
        assertEquals(List.of("hello", "hi there"), texts(kept.get(0)));
        assertEquals(List.of("nice name", "yes it is", "what can I do?"), texts(kept.get(1)));
        assertEquals(List.of(), take(curation, talk("u", "I am kim@example.org", "hello Kim")));
        assertEquals(Map.of("turns with personal data", 2L, "dialogues of which nothing was left", 1L),
                curation.report().leftOut());
        Curation whole = new Curation(ALL.withPersonalData(PersonalTreatment.DROP_DIALOGUE));
        assertEquals(List.of(), take(whole, talk("t", "hello", "hi there", "I am kim@example.org", "nice name")));
        assertEquals(1, take(whole, talk("t", "hello", "hi there")).size());
    }

    @Test
    void aReplyThatComesTooOftenStaysContextAndIsNobodysReply() throws IOException {
        Curation curation = new Curation(ALL.withMostOfAReply(1));
        String often = "Thanks for contacting us! Your ticket has the number %d.";
        assertEquals(1, take(curation, talk("1", "my order is late", often.formatted(17))).size());
        List<Dialogue> kept = take(curation,
                talk("2", "where is my lamp", "let me see", "please do", often.formatted(18),
                        "and now?", "it left yesterday"));
        assertEquals(2, kept.size());
        assertEquals(List.of("where is my lamp", "let me see", "please do"), texts(kept.get(0)));
        assertEquals(List.of(often.formatted(18), "and now?", "it left yesterday"), texts(kept.get(1)));
        assertEquals(1, curation.report().similarReplies());
        assertEquals(1, take(curation, talk("3", often.formatted(19), "that is what you always say")).size());
    }

    @Test
    void dialoguesInOtherLanguagesAndRepeatedOnesAreLeftOutOnDemand() throws IOException {
        Curation curation = new Curation(ALL.withLanguages(List.of("en, DE")).withDedupe(true));
        assertEquals(1, take(curation, talk("1", "where is my parcel?", "it left yesterday")).size());
        assertEquals(1, take(curation, talk("2", "wo ist mein Paket?", "das ist gestern losgeschickt worden")).size());
        assertEquals(0, take(curation, talk("3", "¿dónde está mi pedido?", "salió ayer por la mañana")).size());
        assertEquals(1, take(curation, talk("4", "?", "!")).size());
        assertEquals(0, take(curation, talk("5", "Where is my  parcel ?", "It left yesterday")).size());
        assertEquals(Map.of("dialogues in other languages", 1L, "repeated dialogues", 1L), curation.report().leftOut());
        assertEquals(Map.of("en", 2L, "de", 1L, "es", 1L, "und", 1L), curation.report().languages());
        assertTrue(assertThrows(InvalidSetting.class, () -> ALL.withLanguages(List.of("english"))).getMessage()
                .contains("en"));
    }

    @Test
    void repliesWithoutDialoguesAreTreatedLikeWise(@TempDir Path folder) throws IOException {
        Path names = Files.writeString(folder.resolve("names"), "Kim\n");
        Curation curation = new Curation(
                ALL.withPersonalData(PersonalTreatment.MASK).withNames(names).withMostOfAReply(2)
                        .withDedupe(true));
        Response first = new Response("Kim will help you", Optional.of(Map.of("by", "Kim")));
        assertEquals(Optional.of(new Response("[name] will help you", Optional.of(Map.of("by", "[name]")))),
                curation.take(first, "here:1"));
        assertEquals(Optional.empty(), curation.take(first, "here:2"));
        Response plain = new Response("all is well", Optional.empty());
        assertEquals(Optional.of(plain), curation.take(plain, "here:3"));
        assertEquals(Map.of("repeated replies", 1L), curation.report().leftOut());
        assertEquals(2, curation.report().keptDialogues());
    }

    @Test
    void theCommonestRepliesAreKnownAmongManyOthers() throws IOException {
        Curation curation = new Curation(ALL);
        for (int i = 0; i < 3000; i++) {
            take(curation, talk("a" + i, "question " + i, i % 10 == 0 ? "one moment please" : "answer " + i % 700));
        }
        CurationReport.Frequent most = curation.report().frequent().getFirst();
        assertEquals(new CurationReport.Frequent("one moment please", 300), most);
        assertTrue(curation.report().frequent().size() <= 200);
    }
}
