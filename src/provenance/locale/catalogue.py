"""Every sentence, by key. The English text is the message id of the gettext catalogues beside this file.

Written for an editor on a deadline: what is known, how sure it is, and no more.
"""

from typing import Final

from .answers import ANSWERS
from .marker import _

SENTENCES: Final[dict[str, str]] = {
    # Headlines: the one line that could be printed
    "headline.altered": _("This file was changed after {signer} signed it."),
    "headline.altered.external": _(
        "The record that {signer} signed is not about this content, or the content was changed since."
    ),
    "headline.broken": _("The signed record in this file does not hold. Nothing that it says can be relied on."),
    "headline.ai_generated.verified": _(
        "Made with AI. {signer}, a trusted signer, says so, and the file is unchanged since."
    ),
    "headline.ai_generated.attested": _(
        "Made with AI, says the record that {signer} signed. The file is unchanged since; {standing}."
    ),
    "headline.ai_generated.declared": _("Made with AI, says the file's own description, which anyone can write."),
    "headline.ai_generated.estimated": _("A statistical estimate points to AI. It proves nothing about a single file."),
    "headline.ai_edited.verified": _(
        "Made or changed with the help of AI. {signer}, a trusted signer, says so, and the file is unchanged since."
    ),
    "headline.ai_edited.attested": _(
        "Made or changed with the help of AI, says the record that {signer} signed. The file is unchanged since; {standing}."
    ),
    "headline.ai_edited.declared": _(
        "Made or changed with the help of AI, says the file's own description, which anyone can write."
    ),
    "headline.ai_edited.estimated": _(
        "A statistical estimate points to changes made with AI. It proves nothing about a single file."
    ),
    "headline.captured.edited.verified": _(
        "Made from a capture and edited since. {signer}, a trusted signer, says so, and the file is unchanged since it was signed."
    ),
    "headline.captured.edited.attested": _(
        "Made from a capture and edited since, says the record that {signer} signed. The file is unchanged since it was signed; not every signer is trusted."
    ),
    "headline.captured.verified": _(
        "Captured with a camera or recorder. {signer}, a trusted signer, says so, and the file is unchanged since."
    ),
    "headline.captured.attested": _(
        "Captured with a camera or recorder, says the record that {signer} signed. The file is unchanged since; {standing}."
    ),
    "headline.captured.declared": _("Captured with a camera, says the file's own description, which anyone can write."),
    "headline.captured.estimated": _(
        "A statistical estimate found no sign of AI. It proves nothing about a single file."
    ),
    "headline.digital_creation.verified": _(
        "Made on a computer by people or by ordinary software. {signer}, a trusted signer, says so, and the file is unchanged since."
    ),
    "headline.digital_creation.attested": _(
        "Made on a computer by people or by ordinary software, says the record that {signer} signed. The file is unchanged since; {standing}."
    ),
    "headline.digital_creation.declared": _(
        "Made on a computer by people or by ordinary software, says the file's own description, which anyone can write."
    ),
    "headline.digital_creation.estimated": _(
        "A statistical estimate found no sign of AI. It proves nothing about a single file."
    ),
    "headline.unknown.verified": _(
        "Unchanged since {signer}, a trusted signer, signed it. The record does not say how it was made."
    ),
    "headline.unknown.attested": _(
        "Unchanged since {signer} signed it; {standing}. The record does not say how it was made."
    ),
    "headline.unknown.verified.hint_ai": _(
        "Unchanged since {signer}, a trusted signer, signed it. The record does not say how it was made, but weaker evidence points to AI."
    ),
    "headline.unknown.attested.hint_ai": _(
        "Unchanged since {signer} signed it; {standing}. The record does not say how it was made, but weaker evidence points to AI."
    ),
    "headline.unknown.verified.history_broken": _(
        "Unchanged since {signer}, a trusted signer, signed it, but a step of its history does not hold."
    ),
    "headline.unknown.attested.history_broken": _(
        "Unchanged since {signer} signed it, but a step of its history does not hold; {standing}."
    ),
    "headline.unknown.verified.part_removed": _(
        "Unchanged since {signer}, a trusted signer, signed it. A part of an earlier record was removed: what it said is not known."
    ),
    "headline.unknown.attested.part_removed": _(
        "Unchanged since {signer} signed it; {standing}. A part of an earlier record was removed: what it said is not known."
    ),
    "headline.ambiguous": _("The signed record in this file cannot be read beyond doubt. Nobody is named by it."),
    "headline.empty": _("The file is empty."),
    "headline.program": _("This file is a program, not a picture, a film, sound or a text."),
    "headline.registered.ai_generated": _(
        "This is a copy or near copy of a picture that was registered as made with AI."
    ),
    "headline.registered.ai_edited": _(
        "This is a copy or near copy of a picture that was registered as made or changed with the help of AI."
    ),
    "headline.registered.captured": _(
        "This is a copy or near copy of a picture that was registered as captured. Whether it was changed since is not known."
    ),
    "headline.registered.digital_creation": _(
        "This is a copy or near copy of a picture that was registered as made on a computer, without trained AI. Whether it was changed since is not known."
    ),
    "headline.registered.unknown.hint_ai": _(
        "This is a copy or near copy of a registered picture. Its record does not say how it was made, but weaker evidence points to AI."
    ),
    "headline.registered.unknown": _(
        "This is a copy or near copy of a registered picture. Its record does not say how it was made."
    ),
    "headline.revoked": _("Signed with a certificate that was revoked. What the record says cannot be relied on."),
    "headline.partial": _(
        "What {signer} signed leaves out parts of this content. They may have been changed without anybody noticing."
    ),
    "headline.disputed": _(
        "Independent checkers do not agree on whether this file is as it was signed. Do not rely on its record."
    ),
    "headline.remote": _(
        "The record of where this file comes from is kept elsewhere and was not fetched. Nothing is known yet."
    ),
    "headline.unreadable": _(
        "No signed record could be read from this file. Nothing is known about where it comes from."
    ),
    "headline.unknown.camera": _(
        "Nothing in this file proves where it comes from. Its description names a camera, which anyone can write."
    ),
    "headline.unknown.none": _(
        "Nothing found in this file shows where it comes from. That proves nothing: such marks are easily lost."
    ),
    # Advice: what to do now
    "advice.ask_for_the_original": _("Ask for the original file."),
    "advice.compare_with_thumbnail": _("Compare the picture with the thumbnail in its signed record."),
    "advice.do_not_rely_on_manifest": _("Treat this file as if it had no signed record."),
    "advice.label_as_ai": _("If you publish it, say that AI was used."),
    "advice.confirm_the_signer": _("Confirm by another way that this signer is who the name says."),
    "advice.treat_as_ai_until_explained": _("Treat it as made with AI until its source explains it."),
    "advice.treat_as_ai_edited_until_explained": _(
        "Treat it as made or changed with the help of AI until its source explains it."
    ),
    "advice.do_not_open": _("Do not open it. Ask whoever sent it what it is."),
    "advice.never_publish_an_estimate": _("Do not publish this estimate as a finding. Look for other evidence."),
    "advice.read_the_history": _("Read its history, step by step."),
    "advice.check_the_scene": _("A signed capture can show a staged scene or a screen: check what the picture shows."),
    "advice.compare_with_registered": _(
        "Compare it with the registered picture: a small change would not be noticed by the match."
    ),
    "advice.ask_for_the_source": _("Ask who made it, when and where, and check that as you would for any file."),
    "advice.look_at_the_remote_manifest": _("Ask for the file with its record inside, or have the record looked up."),
    # The C2PA source
    "c2pa.absent": _("There is no signed record (C2PA manifest) in this file."),
    "c2pa.remote": _("The signed record is kept at {url}. It was not fetched."),
    "c2pa.empty": _("The file is empty."),
    "c2pa.unsupported": _("Signed records cannot be looked for in this type of file ({media_type})."),
    "c2pa.fragment": _(
        "This is one part of a stream. Its signed record can only be checked together with all other parts."
    ),
    "c2pa.without_asset": _(
        "This is a signed record on its own. What it says can only be checked together with the file that it belongs to."
    ),
    "c2pa.too_large": _("The file is too large for its signed record to be read."),
    "c2pa.unreadable": _("The file is damaged, or its signed record cannot be read."),
    "c2pa.altered": _("The signature of {signer} holds, but the content is not the content that was signed."),
    "c2pa.altered.external": _(
        "The signature of {signer} holds, but the record belongs to other content, or this content was changed since."
    ),
    "c2pa.broken.signature": _(
        "The signature does not hold: the record was changed after signing, or was never signed with this key."
    ),
    "c2pa.broken.ingredient": _(
        "The record of the ingredient “{title}” ({part}) is missing or is not the one that was signed."
    ),
    "c2pa.broken.assertion": _("A part of the record ({part}) is not what was signed."),
    "c2pa.broken.other": _("The signed record breaks a rule that it must keep ({code})."),
    "c2pa.says.ai_generated": _("The record that {signer} signed says that AI made this ({agent})."),
    "c2pa.says.ai_edited": _(
        "The record that {signer} signed says that AI took part in making or changing this ({agent})."
    ),
    "c2pa.says.captured": _("The record that {signer} signed says that this was captured ({agent})."),
    "c2pa.says.digital_creation": _(
        "The record that {signer} signed says that this was made on a computer, without trained AI ({agent})."
    ),
    "c2pa.revoked": _("The certificate of {signer} was revoked: someone else may have signed this record."),
    "c2pa.says.unknown": _("The record that {signer} signed does not say how this was made."),
    "c2pa.says.unknown.in_words": _(
        "The record that {signer} signed does not say by the standard's terms how this was made. In its own words: “{words}” ({agent})."
    ),
    "c2pa.part_removed": _(
        "{name} removed a part of the record of “{title}”: {part}. What it said is not known, and may have mattered."
    ),
    "c2pa.ingredient_ai": _(
        "In the history, the record of “{title}” says that AI made or changed that step ({agent})."
    ),
    "c2pa.history_broken": _(
        "A step of the history does not hold: the record of “{title}”. What that step says was left out."
    ),
    "c2pa.disputed": _(
        "{first} says “{first_answer}” ({first_codes}); {second} says “{second_answer}” ({second_codes}). Until that is explained, count on neither."
    ),
    "c2pa.disputed.manifest": _(
        "The two checkers read different signed records in this file: someone may have tried to mislead one of them."
    ),
    "c2pa.refused": _(
        "{engine} refuses to read the signed record, which was read here without a fault. Until that is explained, do not count on it."
    ),
    "c2pa.unconfirmed": _(
        "The signed record was read here without a fault, but no other checker could find it. Until that is explained, do not count on it."
    ),
    "c2pa.engines_differ": _(
        "The checkers agree that the record does not hold, and differ in why: {first} says “{first_answer}” ({first_codes}), {second} says “{second_answer}” ({second_codes})."
    ),
    "c2pa.verdicts_differ": _(
        "Both checkers answer “{first_answer}”, but sum up differently: {first} says “{first_verdict}” ({first_codes}), {second} says “{second_verdict}” ({second_codes}). They ask different questions about the signer and the history."
    ),
    "c2pa.left_out": _(
        "The signature of {signer} holds, but leaves out parts of the content: a change there would not be noticed."
    ),
    # Why a signed record is not read: two readers could understand it differently
    "c2pa.ambiguous": _("The signed record in this file is not read: {why} Nobody is named by it."),
    "store.too_large": _("it is larger than any real one."),
    "store.too_many": _("it has more parts than any real one."),
    "store.breaks_off": _("a part of it breaks off."),
    "store.trailing": _("data stands behind the end of one of its parts."),
    "store.unknown_box": _("it holds a part of a kind that does not belong there."),
    "store.twice": _("two of its parts share a name (“{part}”)."),
    "store.missing": _("a part that it needs is missing ({part})."),
    "store.label": _("the name of one of its parts could lead to another part (“{part}”)."),
    "store.cbor": _("one of its parts cannot be read, or holds an entry twice."),
    "store.signature": _("its signature is not in the form that the standard asks for."),
    "store.chain": _("it is not clear which certificate it was signed with."),
    "store.time_stamps": _("it is not clear which time stamp belongs to it."),
    "store.compressed": _("it is compressed, which is not read here."),
    "store.two_records": _("there is more than one in the file."),
    "store.scattered": _("foreign data stands between its pieces."),
    "store.junk": _("there is something else in the place where it belongs."),
    "store.elsewhere": _("another checker finds one where none belongs."),
    "store.undecodable": _("the text that carries it cannot be decoded."),
    # The metadata source
    "metadata.source_type": _("The file's description calls its source “{term}”."),
    "metadata.unknown_source_type": _(
        "The file's description names a source type that is not in the IPTC list: “{term}”."
    ),
    "metadata.ai_fields": _("The file's description names an AI system: {system}."),
    "metadata.ai_prompt": _("The file's description has its AI fields filled in, without naming the system."),
    "metadata.aigc": _(
        "The file carries a Chinese AIGC label, in which the producer ({producer}) says that AI made the content."
    ),
    "metadata.aigc_supposed": _(
        "The file carries a Chinese AIGC label by which a platform supposes, but does not know, that AI made it."
    ),
    "metadata.parameters_model": _(
        "The file holds the settings of the image generator {generator}, with the model {model}."
    ),
    "metadata.parameters": _("The file holds the settings of the image generator {generator}."),
    "metadata.generator": _("The file names the generator {generator} ({where})."),
    "metadata.camera": _("The file's description names a camera: {camera}."),
    "metadata.facts": _("The file describes itself, as anyone can: when, where, by whom or of what it was made."),
    "metadata.suspicious_trailing": _(
        "Data that looks like a mark of origin ({size} bytes) was put after the end of the image, where no such mark belongs. It was not counted."
    ),
    "metadata.suspicious_comment": _(
        "A comment of this image holds pieces of another file format that look like a mark of origin. They were not counted."
    ),
    # What was not looked at, or cannot be known
    "limit.absence": _(
        "That a file has no signed record proves nothing: most files have none, and many services remove it."
    ),
    "limit.no_c2pa": _("Signed records were not looked for."),
    "limit.one_engine": _("Only one of the two checkers ({engine}) could read the signed record."),
    "limit.second_engine_size": _("The file is larger than {engine} takes: it was not checked by it."),
    "limit.no_detector": _("No detector looked at the content itself."),
    "limit.estimate_not_needed": _(
        "No detector was asked: the signed record says where the content comes from, and an estimate would not outrank it."
    ),
    # The registry: a fingerprint leads to a registered picture
    "term.registered_by.trusted": _("{signer}, who is on a trust list"),
    "term.registered_by.known": _("{signer}, who is known but on no official trust list"),
    "term.registered_by.operator": _("{signer}, who signs through this service"),
    "remark.registry.unlisted": _(
        "A picture that looks like this one was registered on {date} by a signer who is on no list. Anybody can do that with any picture: what that record says is not repeated here, and counts for nothing."
    ),
    "limit.registry.no_match": _(
        "No registered picture looks like this one. That proves nothing: the registry holds only what was registered, and a strong change hides a copy."
    ),
    "limit.registry.no_fingerprint": _("It could not be looked up in the registry: {reason}"),
    # Detectors: statistical estimates, and why there is none
    "limit.revocation": _("Whether the signer's certificate was revoked was not asked online."),
    "limit.metadata_type": _("Descriptions inside this type of file ({media_type}) were not read."),
    "limit.fetch_failed": _("The signed record at {url} could not be fetched. {why}"),
    # Remarks
    "remark.certificate_expired": _(
        "The signer's certificate expired on {date}, and no trusted time stamp shows that it was valid when it was used."
    ),
    "remark.certificate_not_yet_valid": _(
        "The signer's certificate is valid only from {date}: the file cannot have been signed with it at the time asked about."
    ),
    "remark.certificate_revoked": _("The signer's certificate was revoked: someone else may hold its key."),
    "remark.trust_list_overdue": _(
        "The trust list “{name}” was due to be replaced by {date}. A newer one may trust others."
    ),
    "remark.conforming_product": _(
        "The signer's certificate was made out to “{product}”, which is on the C2PA list of conforming products. It does not show that this product made the file."
    ),
    "remark.not_revoked.stapled": _(
        "The signature carries an answer of the issuer's service: the signer's certificate was not revoked."
    ),
    "remark.not_revoked.assertion": _(
        "The record holds an answer of the issuer's service: the signer's certificate was not revoked."
    ),
    "remark.not_revoked.online": _(
        "The issuer's service was asked online and says that the signer's certificate was not revoked."
    ),
    "remark.revocation_unknown": _(
        "Whether the signer's certificate was revoked could not be found out: there was no answer that can be relied on."
    ),
    "remark.judged_at": _("Certificates were judged as of {time}, as asked, and not as of today."),
    "remark.time_only_claimed": _("The time of signing is only claimed; no trusted time stamp confirms it."),
    "remark.time_stamp_unlisted": _(
        "The time of signing was stamped by {authority}, which is on no trust list: it proves nothing by itself."
    ),
    "remark.part_removed": _("{name} removed a part of the record of “{title}”: {part}."),
    "remark.history_truncated": _("The history has more steps than the {count} shown."),
    "remark.gathered": _("The signer passes on the statement of how this was made, without making it in its own name."),
    "remark.malformed_action": _(
        "An action in the record is not written as the standard asks ({explanation}). This does not mean that the file was changed."
    ),
    "remark.form": _("The record departs from a rule of form ({code}). This does not mean that the file was changed."),
    "remark.name_misleads": _(
        "The name “{name}” does not fit the content, which is {media_type}. The content was examined as what it is."
    ),
    "remark.xmp_damaged": _("A part of the file's description (XMP) is damaged and was not read."),
    "remark.truncated": _("The file breaks off, or has more parts than were read."),
    "remark.trailing": _("There are {size} bytes after the end of the image."),
    # The verifier itself
    "verifier.source_failed": _(
        "A part of the examination ({source}) failed on this file. What it would have found is not known."
    ),
    "verifier.stopped": _("The examination was stopped after {seconds} seconds. What this file says is not known."),
    "remark.sidecar": _("The signed record was read from the file {name} beside this one."),
    "remark.segments": _("Segments of the stream that were checked: {count}. Nothing is said of others."),
    "remark.manifest_given": _("The signed record was given apart from the file."),
    "remark.manifest_fetched": _("The signed record was fetched from {url}."),
    "remark.asset_fetched": _("The file was fetched from {url}."),
    # Why something could not be fetched
    "fetch.not_https": _("Only addresses that begin with https:// are fetched."),
    "fetch.bad_address": _("The address is malformed, or holds a user name or a password."),
    "fetch.port": _("Only port 443, the usual one of https, is asked."),
    "fetch.not_public": _("{host} is not a public server."),
    "fetch.no_such_host": _("There is no server called {host}, as far as could be found."),
    "fetch.no_answer": _("The server did not answer."),
    "fetch.certificate": _("The server could not prove that it is the one of this name."),
    "fetch.redirects": _("The server sends on to other addresses more than {count} times."),
    "fetch.status": _("The server answered with the error code {status}."),
    "fetch.too_large": _("It is larger than {size} bytes."),
    "fetch.too_slow": _("It took longer than {seconds} seconds."),
    "fetch.empty": _("The server sent nothing."),
    "fetch.no_manifest": _("What the server sent is no signed record that can be read."),
    "fetch.broken": _("The server’s answer broke off, or does not follow the rules."),
    # Terms inside sentences
    "term.unnamed_signer": _("an unnamed signer"),
    "term.self_named": _("someone using the name “{name}”"),
    "term.standing.signer": _("the signer is not counted as trusted"),
    "term.standing.later": _("somebody who is not counted as trusted has added to the record since"),
    "term.standing.earlier": _("it relies on an earlier record, whose signer is not counted as trusted"),
    "term.part.ingredient": _("what it was made from"),
    "term.part.ai_disclosure": _("a statement about AI"),
    "term.part.thumbnail": _("a small picture"),
    "term.unnamed_tool": _("tool not named"),
    "term.unnamed_producer": _("not named"),
    "term.untitled": _("untitled"),
    "term.no_code": _("no fault"),
    **ANSWERS,
}
