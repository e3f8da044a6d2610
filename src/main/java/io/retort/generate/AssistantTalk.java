package io.retort.generate;

import java.util.regex.Pattern;

/**
 * Finds what models that were tuned to assist say in small talk, and friends do not: offers of help, advice in general
 * terms, thanks for sharing. Looked for only where it is asked, since a person who works at a help desk says it, too.
 */
final class AssistantTalk {
    private static final Pattern PHRASES = Pattern.compile("""
            \\b(?:it['\u2019]?s|it\\x20is|it\\x20can\\x20be|it\\x20may\\x20be)\\x20(?:always\\x20)?(?:important|essential|crucial|helpful|advisable|recommended|necessary)\\x20(?:to|that|for)\\b
            |\\b(?:how|what)\\x20(?:can|may|could|else\\x20can)\\x20i\\x20(?:do\\x20(?:for|to\\x20help)|help|assist)\\b
            |\\b(?:can|may|could)\\x20i\\x20(?:help|assist)\\x20you\\b|\\b(?:to|happily)\\x20assist\\b|\\bassist(?:ing|ance)\\b
            |\\b(?:here|happy|glad|able|ready|love)\\x20to\\x20help\\b(?!\\x20(?:out\\x20)?(?:at|my|him|her|them|people)\\b)
            |\\bi['\u2019]?(?:m|\\x20am)\\x20here\\x20(?:for\\x20you\\x20if\\x20you\\x20need|to\\x20(?:listen|support|provide|chat|talk))
            |\\blet\\x20me\\x20know\\x20(?:if|how|what)\\x20(?:you|i)\\x20(?:need|have|want|would|can|could|['\u2019]d)
            |\\b(?:don['\u2019]?t|do\\x20not)\\x20hesitate\\b|\\bfeel\\x20free\\x20to\\b|\\bplease\\x20(?:let|provide|share|tell|specify|clarify|note|remember|consult|contact|seek)\\b
            |\\b(?:anything|something)\\x20(?:else|specific|in\\x20particular|particular)\\x20(?:that\\x20)?(?:you|i\\x20can)\\b
            |\\bthank(?:s|\\x20you)\\x20for\\x20(?:sharing|reaching|your\\x20(?:question|message|input|feedback|patience|understanding)|letting\\x20me\\x20know|providing)\\b
            |\\byou\\x20(?:can|could|might|may|should)\\x20(?:also\\x20)?(?:consider|try\\x20(?:to\\x20)?\\w+ing|consult|seek|focus\\x20on|want\\x20to\\x20consider)\\b
            |\\b(?:i['\u2019]?d|i\\x20would|i)\\x20(?:recommend|suggest|advise)\\b|\\b(?:make|be)\\x20sure\\x20(?:to|you)\\b|\\bremember\\x20(?:to|that)\\x20(?:always|take|stay|be|it|you|practice)\\b
            |\\b(?:seek|consult)(?:ing)?\\x20(?:with\\x20)?(?:an?\\x20)?(?:professional|medical|doctor|therapist|help|expert)|\\b(?:healthcare|mental\\x20health|medical)\\x20professional
            |\\bi\\x20(?:completely\\x20|totally\\x20)?understand\\x20(?:that\\x20you|your\\x20(?:concern|frustration|feeling|situation)|how\\x20you)
            |\\b(?:step|tip)s?\\x20(?:to|for|that)\\b|\\bhere\\x20(?:are|is|['\u2019]s)\\x20(?:some|a\\x20few|a\\x20list|a\\x20simple|a\\x20quick)\\b
            |^(?:certainly|absolutely|of\\x20course|sure|great\\x20question)[!,.]\\x20(?:here|i\\x20(?:can|would|will)|let\\x20me\\x20(?:help|know)|how\\x20can)
            |\\bi\\x20(?:cannot|can['\u2019]?t|am\\x20unable\\x20to|am\\x20not\\x20able\\x20to)\\x20(?:provide|engage|offer|access|browse)\\b
            |\\b(?:overall|in\\x20conclusion|in\\x20summary|ultimately|additionally|furthermore|moreover),
            |\\bdepends\\x20on\\x20(?:various|several|many)\\x20factors\\b|\\b(?:plays?\\x20a\\x20(?:crucial|vital|key)\\x20role)\\b
            |\\b(?:your|the)\\x20(?:query|request|inquiry)\\b""", Pattern.COMMENTS | Pattern.CASE_INSENSITIVE);

    private AssistantTalk() {}

    static boolean in(String reply) {
        return PHRASES.matcher(reply).find();
    }
}
