package io.retort.curate;

import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What of dialogues is kept.
 *
 * @param personalData  what becomes of personal data
 * @param personalKinds which of them are looked for
 * @param names         a file of names that count as personal data
 * @param languages     codes of the languages that are kept; all if there are none
 * @param mostOfAReply  how often a reply, or nearly the same, is kept; 0 for always
 * @param similarity    share of words and pairs of words that replies have in common to be nearly the same
 * @param dedupe        whether a dialogue that came before, in whatever spelling, is left out
 */
public record CurationSettings(
        @Setting(value = "What becomes of mail addresses, phone numbers, card and account numbers, IP addresses, "
                + "handles and listed names: keep, mask ([email], [phone], ...), drop (the turn; its talk is cut in two "
                + "there) or drop-dialogue.", label = "WHAT") PersonalTreatment personalData,
        @Setting(value = "Which personal data are looked for: email, url, iban, card, ip, phone, handle, name.",
                label = "KIND,...") List<PersonalKind> personalKinds,
        @Setting(value = "Names that are personal data, one a line. A name with a capital letter is found as it is "
                + "written or in capitals, one without in any case.", label = "FILE") Optional<Path> names,
        @Setting(value = "Keep dialogues in these languages (en,de,...) and those too short to tell.",
                label = "CODE,...", defaultText = "all") List<String> languages,
        @Setting(value = "Keep a reply, or nearly the same, so often at most; after that a talk is cut in two before "
                + "it, so that it stays as context and is nobody's reply. 0 for always.", label = "N") int mostOfAReply,
        @Setting(value = "Share of words and pairs of words in common at which replies are nearly the same.",
                label = "SHARE") double similarity,
        @Setting("Leave out dialogues that came before, in whatever spelling.") boolean dedupe) {
    public CurationSettings {
        personalKinds = List.copyOf(personalKinds);
        languages = languages.stream().flatMap(codes -> Arrays.stream(codes.split(","))).map(String::strip)
                .map(code -> code.toLowerCase(Locale.ROOT)).filter(code -> !code.isEmpty()).toList();
        for (String code : languages) {
            InvalidSetting.unless(LanguageModel.SHARED.languages().contains(code), "languages", code,
                    "name some of " + String.join(",", LanguageModel.SHARED.languages()));
        }
        InvalidSetting.unless(mostOfAReply >= 0, "mostOfAReply", mostOfAReply, "use 0 or more");
        InvalidSetting.unless(similarity > 0 && similarity <= 1, "similarity", similarity,
                "use more than 0, and 1 at most");
    }

    /** Everything is kept as it is, and told. */
    public static CurationSettings defaults() {
        return new CurationSettings(PersonalTreatment.KEEP,
                Arrays.stream(PersonalKind.values()).filter(kind -> kind != PersonalKind.URL).toList(),
                Optional.empty(), List.of(), 0, 0.8, false);
    }

    /** Whether dialogues may be other afterwards than before. */
    public boolean changesAnything() {
        return personalData != PersonalTreatment.KEEP || !languages.isEmpty() || mostOfAReply > 0 || dedupe;
    }

    /** A copy of these settings with another treatment of personal data. */
    public CurationSettings withPersonalData(PersonalTreatment personalData) {
        return new CurationSettings(personalData, personalKinds, names, languages, mostOfAReply, similarity, dedupe);
    }

    /** A copy of these settings that looks for other kinds of personal data. */
    public CurationSettings withPersonalKinds(List<PersonalKind> personalKinds) {
        return new CurationSettings(personalData, personalKinds, names, languages, mostOfAReply, similarity, dedupe);
    }

    /** A copy of these settings with a file of names. */
    public CurationSettings withNames(Path names) {
        return new CurationSettings(personalData, personalKinds, Optional.of(names), languages, mostOfAReply,
                similarity, dedupe);
    }

    /** A copy of these settings that keeps some languages. */
    public CurationSettings withLanguages(List<String> languages) {
        return new CurationSettings(personalData, personalKinds, names, languages, mostOfAReply, similarity, dedupe);
    }

    /** A copy of these settings that keeps a reply so often at most. */
    public CurationSettings withMostOfAReply(int mostOfAReply) {
        return new CurationSettings(personalData, personalKinds, names, languages, mostOfAReply, similarity, dedupe);
    }

    /** A copy of these settings that leaves out dialogues that came before, or does not. */
    public CurationSettings withDedupe(boolean dedupe) {
        return new CurationSettings(personalData, personalKinds, names, languages, mostOfAReply, similarity, dedupe);
    }
}
