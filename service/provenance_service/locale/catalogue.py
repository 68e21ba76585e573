"""Every sentence of the service, by key. The English text is the message id of the gettext catalogues beside this file.

A name in braces is a value; what the page fills in itself, such as a file's name, stays as it is.
"""

from typing import Final

from provenance.locale.marker import _

SENTENCES: Final[dict[str, str]] = {
    # The page: asking, and what stands around the answers
    "page.title": _("Where does this file come from?"),
    "page.lead": _(
        "See what is known about a photo, video, sound or document: its source, its changes, and whether AI was used."
    ),
    "page.choose": _("Choose a file"),
    "page.limit": _("Up to {size}"),
    "page.not_kept": _("The file is examined on this server and is not kept."),
    "page.submit": _("Examine"),
    "page.language": _("Language"),
    "page.done": _("The answer for {name}:"),
    "page.save": _("Save this answer"),
    "page.unreachable": _("The server did not answer. Check the connection and try again."),
    "page.choose_files": _("Choose files"),
    "page.drop_files": _("or drop or paste them here"),
    "page.limits": _("Up to {size} each, {count} at a time"),
    "page.url": _("Check a web address"),
    "page.url_label": _("Address of the picture, video, sound or document itself"),
    "page.url_note": _("This server fetches it. Whoever runs that address can see that it was asked for."),
    "page.text": _("Check a text"),
    "page.text_label": _("Paste the text here"),
    "page.text_note": _("A longer text gives a better estimate; a short one often gives none."),
    "page.text_name": _("pasted-text.txt"),
    "page.keep": _("Keep this answer and give me a link (deleted after {days} days)"),
    "page.to_sign": _("Sign a file"),
    "page.to_verify": _("Examine a file"),
    "page.answers": _("Answers"),
    "page.progress": _("{done} of {all} done"),
    "page.too_many": _("{count} files at a time: the others were left out."),
    "page.clear": _("Clear the list"),
    "page.waiting": _("Waiting"),
    "page.sending": _("Sending"),
    "page.examining": _("Examining"),
    "page.again": _("Try again"),
    "page.whole": _("The whole answer"),
    "page.print": _("Print"),
    "page.where": _("Show where"),
    "page.drawing": _("Estimating where"),
    "page.where_note": _(
        "An estimate, and a weaker one than above: each part of the picture was judged alone. The redder, the more it looked AI-made. Real photographs turn red too: where the sentence above does not point to AI, neither do the colours."
    ),
    "page.where_alt": _("{name}, in grey, with the places coloured"),
    "page.link": _("Link to this answer"),
    "page.copy": _("Copy the link"),
    "page.copied": _("Copied"),
    # The page to sign
    "sign.title": _("Sign a file"),
    "sign.lead": _("Adds a signed record of where a file comes from. You need a key from whoever runs this server."),
    "sign.no_script": _("This page needs JavaScript. Programs sign with POST /v1/sign."),
    "sign.key": _("Your key"),
    "sign.key_note": _("It is sent with the file and kept nowhere, not in this browser either."),
    "sign.credential": _("Sign as"),
    "sign.file": _("File to sign"),
    "sign.profile": _("What it is"),
    "sign.choose": _("Please choose"),
    "sign.parent": _("What it was made from"),
    "sign.needed": _("required"),
    "sign.sign": _("Sign"),
    "sign.signing": _("Signing {name}"),
    "sign.done": _("{name} is signed."),
    "sign.download": _("Save the signed file"),
    "sign.unknown_key": _("This server does not know this key. Check that all of it is there."),
    "sign.remarks": _("You should know"),
    "sign.unset": _("Not said"),
    # Facts, as the page to sign asks for them, and their values
    "fact.title": _("Title"),
    "fact.description": _("What was done"),
    "fact.model": _("AI model"),
    "fact.prompt": _("Prompt (only its fingerprint is written)"),
    "fact.human_oversight": _("How people took part"),
    "fact.human_oversight.fully_autonomous": _("Not at all"),
    "fact.human_oversight.prompt_guided": _("They wrote the prompt"),
    "fact.human_oversight.human_validated": _("They checked the result"),
    "fact.training_mining": _("Use for AI training and data mining"),
    "fact.training_mining.allowed": _("Allowed"),
    "fact.training_mining.notAllowed": _("Not allowed"),
    "fact.training_mining.constrained": _("Ask first"),
    # The profiles that come with the toolkit
    "profile.ai-generated": _("Made by AI, all of it"),
    "profile.ai-edited": _("Something that existed, changed with AI"),
    "profile.captured": _("A photo or recording, nothing done to it since"),
    "profile.derived": _("Resized, cropped or converted, nothing else"),
    "profile.edited": _("Something that existed, changed by people without AI"),
    "profile.published": _("Published as it is, with all of its history"),
    # What whoever signs should know: the keys that POST /v1/sign answers with, without their values
    "remark.sign.development": _(
        "Signed with a development credential. Reports name it as such, and nobody should trust it."
    ),
    "remark.sign.no_time_stamp": _("Signed without a time stamp."),
    "remark.sign.not_declared": _(
        "The origin stands in the signed record only: this kind of file takes no description of its own."
    ),
    "remark.sign.no_picture": _("The picture could not be decoded, so the record has no thumbnail. Is it damaged?"),
    "remark.sign.not_compared": _(
        "The picture is so large that it was not compared with the one before it was signed."
    ),
    "remark.sign.redaction_disputed": _(
        "One of the two checkers calls a record with a part taken out invalid; the other calls it valid."
    ),
    "remark.sign.normalized": _("The text was brought into Unicode’s normal form, as the standard asks."),
    "remark.sign.broken_kept": _(
        "The record of what it was made from does not hold. It is kept, and the new record says so."
    ),
    # Jobs
    "job.file-gone": _("The file is no longer there."),
    # Problems: why there is no answer
    "problem.malformed.title": _("The form cannot be read"),
    "problem.malformed.detail": _("The request is not a complete multipart form. Send the file again."),
    "problem.interrupted.title": _("The upload broke off"),
    "problem.interrupted.detail": _("The connection ended before the whole file was there."),
    "problem.key-expired.title": _("The key has expired"),
    "problem.key-expired.detail": _("Ask the operator for a new key."),
    "problem.key-revoked.title": _("The key was revoked"),
    "problem.key-revoked.detail": _("This key is no longer taken. Ask the operator."),
    "problem.quota.title": _("Too many files for now"),
    "problem.quota.detail": _("The quota of {quota} is used up. Try again later."),
    "problem.in-progress.title": _("Still being done"),
    "problem.in-progress.detail": _("A request with this Idempotency-Key is still being answered."),
    "problem.key-reused.title": _("This Idempotency-Key was used for another request"),
    "problem.key-reused.detail": _("Send a new key with each new request."),
    "problem.storage-unavailable.title": _("The storage does not answer"),
    "problem.storage-unavailable.detail": _(
        "What is needed for this answer cannot be read or kept at the moment. Try again in a little while."
    ),
    "problem.issuer-unavailable.title": _("The sign-in service does not answer"),
    "problem.issuer-unavailable.detail": _(
        "Whether this token is good cannot be found out at the moment. Try again in a little while."
    ),
    "problem.bad-archive.title": _("The archive cannot be unpacked"),
    "problem.bad-archive.detail": _("It is damaged or encrypted, or no ZIP."),
    "problem.too-many-items.title": _("Too many files in one job"),
    "problem.too-many-items.detail": _("One job takes up to {count}. Send the others in another."),
    "problem.bad-query.title": _("The query cannot be read"),
    "problem.bad-query.detail": _(
        "The algorithm, the value, the address or the number of results is not one that can be looked for here."
    ),
    "problem.not-registered.title": _("Not registered"),
    "problem.not-registered.detail": _("Nothing was registered: {why}."),
    "problem.id-taken.title": _("This manifest's name is taken"),
    "problem.id-taken.detail": _(
        "Another manifest is registered as {name}. Nothing was registered, and nothing was changed."
    ),
    "problem.refused-type.title": _("Files of this type are not examined here"),
    "problem.refused-type.detail": _("The operator has switched off {type}."),
    "problem.not-found.title": _("Nothing here"),
    "problem.not-found.detail": _("There is nothing at {path}."),
    "problem.method.title": _("Method not allowed"),
    "problem.method.detail": _("{path} does not answer {method}."),
    "problem.too-slow.title": _("The upload stopped"),
    "problem.too-slow.detail": _("Nothing more arrived for too long. Send the file again."),
    "problem.too-large.title": _("The file is too large"),
    "problem.too-large.detail": _("This server takes files of up to {size}."),
    "problem.not-a-form.title": _("Not a form"),
    "problem.not-a-form.detail": _("Send the file as multipart/form-data, in the field “file”."),
    "problem.no-file.title": _("No file"),
    "problem.no-file.detail": _("Choose a file first. Programs send it in the field “file”, with a file name."),
    "problem.several-files.title": _("More than one file"),
    "problem.several-files.detail": _("Send one file at a time."),
    "problem.bad-parameter.title": _("A parameter cannot be used"),
    "problem.bad-parameter.detail": _("Not a value that can be used: {names}."),
    "problem.no-key.title": _("A key is needed"),
    "problem.no-key.detail": _("Send the key that the operator gave you: Authorization: Bearer KEY."),
    "problem.not-allowed.title": _("This key does not allow it"),
    "problem.not-allowed.detail": _("The key has no right to “{scope}”, or not with this credential."),
    "problem.no-credentials.title": _("This server cannot sign"),
    "problem.no-credentials.detail": _("No credentials are configured. The operator names them with --credentials."),
    "problem.no-such-credential.title": _("No such credential"),
    "problem.no-such-credential.detail": _("There is no credential called “{name}” here."),
    "problem.not-signed.title": _("Not signed"),
    "problem.not-signed.detail": _("Nothing was signed: {why}"),
    "problem.signing-stopped.title": _("Signing was stopped"),
    "problem.signing-stopped.detail": _("The file took too long, or stopped its process. Nothing was signed."),
    "problem.signing-unavailable.title": _("Signing does not work at present"),
    "problem.signing-unavailable.detail": _(
        "The credential, the profile or the time stamping authority cannot be used. The operator finds the cause in the log."
    ),
    "problem.internal.title": _("The service failed"),
    "problem.internal.detail": _(
        "This is an error of the service, not of your file. Its operator finds the cause in the log."
    ),
    "problem.not-detected.title": _("The detectors cannot be asked about this file"),
    "problem.not-detected.detail": _("{why}"),
    "problem.not-fetched.title": _("The address was not fetched"),
    "problem.not-fetched.detail": _("It was not fetched: {why}"),
    "problem.fetching-off.title": _("This server fetches no files"),
    "problem.fetching-off.detail": _(
        "Send the file itself. Whoever runs the server can allow addresses with --fetch-urls."
    ),
    "problem.no-detectors.title": _("No detectors here"),
    "problem.no-detectors.detail": _("The detectors are not installed on this server."),
    "problem.stopped.title": _("The examination was stopped"),
    "problem.stopped.detail": _(
        "The file took too long, or stopped the process that examined it. Other files are not affected."
    ),
    "problem.busy.title": _("Too many files at once"),
    "problem.busy.detail": _("The server is busy with other files. Try again in a moment."),
    # Sizes of files
    "size.gigabytes": _("{number}\u00a0GB"),
    "size.megabytes": _("{number}\u00a0MB"),
    "size.kilobytes": _("{number}\u00a0KB"),
    "size.bytes": _("{number} bytes"),
    # The registry: a fingerprint leads to a registered picture
    "registry.says.ai_generated": _(
        "This is a copy or near copy of a picture registered on {date}: {distance} of {bits} bits of the fingerprints differ. The record of that picture, signed by {signer}, says that AI made it ({agent})."
    ),
    "registry.says.ai_edited": _(
        "This is a copy or near copy of a picture registered on {date}: {distance} of {bits} bits of the fingerprints differ. The record of that picture, signed by {signer}, says that AI took part in making or changing it ({agent})."
    ),
    "registry.says.captured": _(
        "This is a copy or near copy of a picture registered on {date}: {distance} of {bits} bits of the fingerprints differ. The record of that picture, signed by {signer}, says that it was captured ({agent})."
    ),
    "registry.says.digital_creation": _(
        "This is a copy or near copy of a picture registered on {date}: {distance} of {bits} bits of the fingerprints differ. The record of that picture, signed by {signer}, says that it was made on a computer, without trained AI ({agent})."
    ),
    "registry.says.unknown": _(
        "This is a copy or near copy of a picture registered on {date}: {distance} of {bits} bits of the fingerprints differ. The record of that picture, signed by {signer}, does not say how it was made."
    ),
    "registry.flat": _("the picture is too plain: its fingerprint would be that of many others."),
}
