"""The words of the page and of the refusals, in all languages side by side."""

from typing import Final

from provenance.limits import GIB, KIB, MIB

from .page_words import PAGE_WORDS

WORDS: Final[dict[str, dict[str, str]]] = {
    **PAGE_WORDS,
    "page.title": {
        "en": "Where does this file come from?",
        "fr": "D’où vient ce fichier ?",
        "ja": "このファイルの出どころは？",
    },
    "page.lead": {
        "en": "See what is known about a photo, video, sound or document: its source, its changes, "
        "and whether AI was used.",
        "fr": "Voyez ce que l’on sait d’une photo, d’une vidéo, d’un son ou d’un document : sa source, "
        "ses modifications et la part de l’IA.",
        "ja": "写真・動画・音声・文書について、出どころ、加えられた変更、AIの関与を調べます。",
    },
    "page.choose": {"en": "Choose a file", "fr": "Choisissez un fichier", "ja": "ファイルを選ぶ"},
    "page.limit": {"en": "Up to {size}", "fr": "{size} au maximum", "ja": "最大{size}"},
    "page.not_kept": {
        "en": "The file is examined on this server and is not kept.",
        "fr": "Le fichier est examiné sur ce serveur et n’est pas conservé.",
        "ja": "ファイルはこのサーバーで調べ、保存はしません。",
    },
    "page.submit": {"en": "Examine", "fr": "Examiner", "ja": "調べる"},
    "page.language": {"en": "Language", "fr": "Langue", "ja": "言語"},
    "page.done": {
        "en": "The answer for {name}:",
        "fr": "La réponse pour {name} :",
        "ja": "{name} の結果：",
    },
    "page.save": {"en": "Save this answer", "fr": "Enregistrer cette réponse", "ja": "この結果を保存"},
    "page.unreachable": {
        "en": "The server did not answer. Check the connection and try again.",
        "fr": "Le serveur n’a pas répondu. Vérifiez la connexion et réessayez.",
        "ja": "サーバーから応答がありません。接続を確かめて、もう一度お試しください。",
    },
    "problem.malformed.title": {
        "en": "The form cannot be read",
        "fr": "Le formulaire est illisible",
        "ja": "フォームを読み取れません",
    },
    "problem.malformed.detail": {
        "en": "The request is not a complete multipart form. Send the file again.",
        "fr": "La requête n’est pas un formulaire multipart complet. Renvoyez le fichier.",
        "ja": "リクエストがマルチパート形式として完全ではありません。もう一度送信してください。",
    },
    "problem.interrupted.title": {
        "en": "The upload broke off",
        "fr": "L’envoi a été interrompu",
        "ja": "送信が途切れました",
    },
    "problem.interrupted.detail": {
        "en": "The connection ended before the whole file was there.",
        "fr": "La connexion s’est terminée avant la réception du fichier entier.",
        "ja": "ファイル全体が届く前に接続が切れました。",
    },
    "problem.key-expired.title": {"en": "The key has expired", "fr": "La clé a expiré", "ja": "キーの有効期限切れです"},
    "problem.key-expired.detail": {
        "en": "Ask the operator for a new key.",
        "fr": "Demandez une nouvelle clé à l’exploitant.",
        "ja": "新しいキーを運用者に依頼してください。",
    },
    "problem.key-revoked.title": {
        "en": "The key was revoked",
        "fr": "La clé a été révoquée",
        "ja": "キーは取り消されています",
    },
    "problem.key-revoked.detail": {
        "en": "This key is no longer taken. Ask the operator.",
        "fr": "Cette clé n’est plus acceptée. Adressez-vous à l’exploitant.",
        "ja": "このキーはもう使えません。運用者に問い合わせてください。",
    },
    "problem.quota.title": {
        "en": "Too many files for now",
        "fr": "Trop de fichiers pour le moment",
        "ja": "今は受け付けられる数を超えています",
    },
    "problem.quota.detail": {
        "en": "The quota of {quota} is used up. Try again later.",
        "fr": "Le quota de {quota} est épuisé. Réessayez plus tard.",
        "ja": "上限（{quota}）に達しました。時間をおいてお試しください。",
    },
    "problem.in-progress.title": {
        "en": "Still being done",
        "fr": "Encore en cours",
        "ja": "まだ処理中です",
    },
    "problem.in-progress.detail": {
        "en": "A request with this Idempotency-Key is still being answered.",
        "fr": "Une requête avec cette Idempotency-Key est encore en cours.",
        "ja": "同じ Idempotency-Key のリクエストを処理中です。",
    },
    "problem.key-reused.title": {
        "en": "This Idempotency-Key was used for another request",
        "fr": "Cette Idempotency-Key a servi à une autre requête",
        "ja": "この Idempotency-Key は別のリクエストで使われています",
    },
    "problem.key-reused.detail": {
        "en": "Send a new key with each new request.",
        "fr": "Envoyez une nouvelle clé avec chaque nouvelle requête.",
        "ja": "新しいリクエストには新しいキーを付けてください。",
    },
    "problem.storage-unavailable.title": {
        "en": "The storage does not answer",
        "fr": "Le stockage ne répond pas",
        "ja": "保存先が応答しません",
    },
    "problem.storage-unavailable.detail": {
        "en": "What is needed for this answer cannot be read or kept at the moment. Try again in a little while.",
        "fr": "Ce qu’il faut pour cette réponse ne peut être ni lu ni conservé pour l’instant. Réessayez bientôt.",
        "ja": "この回答に必要なデータを今は読み書きできません。しばらくしてからお試しください。",
    },
    "problem.issuer-unavailable.title": {
        "en": "The sign-in service does not answer",
        "fr": "Le service d’authentification ne répond pas",
        "ja": "認証サービスが応答しません",
    },
    "problem.issuer-unavailable.detail": {
        "en": "Whether this token is good cannot be found out at the moment. Try again in a little while.",
        "fr": "La validité de ce jeton ne peut pas être vérifiée pour l’instant. Réessayez bientôt.",
        "ja": "このトークンを今は確認できません。しばらくしてからお試しください。",
    },
    "problem.bad-archive.title": {
        "en": "The archive cannot be unpacked",
        "fr": "L’archive ne peut pas être décompressée",
        "ja": "アーカイブを展開できません",
    },
    "problem.bad-archive.detail": {
        "en": "It is damaged or encrypted, or no ZIP.",
        "fr": "Elle est endommagée ou chiffrée, ou n’est pas un ZIP.",
        "ja": "破損しているか、暗号化されているか、ZIPではありません。",
    },
    "problem.too-many-items.title": {
        "en": "Too many files in one job",
        "fr": "Trop de fichiers dans une tâche",
        "ja": "一度に送れる数を超えています",
    },
    "problem.too-many-items.detail": {
        "en": "One job takes up to {count}. Send the others in another.",
        "fr": "Une tâche en accepte {count} au maximum. Envoyez les autres dans une autre.",
        "ja": "一つのジョブは{count}件までです。残りは別のジョブで送ってください。",
    },
    "job.file-gone": {
        "en": "The file is no longer there.",
        "fr": "Le fichier n’est plus là.",
        "ja": "ファイルはもうありません。",
    },
    "problem.bad-query.title": {
        "en": "The query cannot be read",
        "fr": "La requête est illisible",
        "ja": "問い合わせを読み取れません",
    },
    "problem.bad-query.detail": {
        "en": "The algorithm, the value, the address or the number of results is not one that can be looked for here.",
        "fr": "L’algorithme, la valeur, l’adresse ou le nombre de résultats ne peut pas être recherché ici.",
        "ja": "アルゴリズム、値、アドレス、または結果の数が、ここで検索できるものではありません。",
    },
    "problem.not-registered.title": {"en": "Not registered", "fr": "Non enregistré", "ja": "登録しませんでした"},
    "problem.not-registered.detail": {
        "en": "Nothing was registered: {why}.",
        "fr": "Rien n’a été enregistré : {why}.",
        "ja": "登録しませんでした：{why}",
    },
    "problem.id-taken.title": {
        "en": "This manifest's name is taken",
        "fr": "Le nom de ce manifeste est déjà pris",
        "ja": "このマニフェストの名前は使われています",
    },
    "problem.id-taken.detail": {
        "en": "Another manifest is registered as {name}. Nothing was registered, and nothing was changed.",
        "fr": "Un autre manifeste est enregistré sous {name}. Rien n’a été enregistré ni modifié.",
        "ja": "{name} には別のマニフェストが登録されています。登録も変更も行いませんでした。",
    },
    "problem.refused-type.title": {
        "en": "Files of this type are not examined here",
        "fr": "Ce type de fichier n’est pas examiné ici",
        "ja": "この種類のファイルはここでは調べません",
    },
    "problem.refused-type.detail": {
        "en": "The operator has switched off {type}.",
        "fr": "L’exploitant a désactivé {type}.",
        "ja": "運用者が {type} を無効にしています。",
    },
    "problem.not-found.title": {"en": "Nothing here", "fr": "Rien à cette adresse", "ja": "見つかりません"},
    "problem.not-found.detail": {
        "en": "There is nothing at {path}.",
        "fr": "Il n’y a rien à l’adresse {path}.",
        "ja": "{path} には何もありません。",
    },
    "problem.method.title": {
        "en": "Method not allowed",
        "fr": "Méthode non autorisée",
        "ja": "許可されていないメソッドです",
    },
    "problem.method.detail": {
        "en": "{path} does not answer {method}.",
        "fr": "{path} ne répond pas à {method}.",
        "ja": "{path} は {method} に対応していません。",
    },
    "problem.too-slow.title": {
        "en": "The upload stopped",
        "fr": "L’envoi s’est arrêté",
        "ja": "送信が止まりました",
    },
    "problem.too-slow.detail": {
        "en": "Nothing more arrived for too long. Send the file again.",
        "fr": "Plus rien n’est arrivé pendant trop longtemps. Renvoyez le fichier.",
        "ja": "長い間データが届きませんでした。もう一度送信してください。",
    },
    "problem.too-large.title": {
        "en": "The file is too large",
        "fr": "Le fichier est trop volumineux",
        "ja": "ファイルが大きすぎます",
    },
    "problem.too-large.detail": {
        "en": "This server takes files of up to {size}.",
        "fr": "Ce serveur accepte les fichiers jusqu’à {size}.",
        "ja": "このサーバーで調べられるのは{size}までです。",
    },
    "problem.not-a-form.title": {
        "en": "Not a form",
        "fr": "Ce n’est pas un formulaire",
        "ja": "フォームではありません",
    },
    "problem.not-a-form.detail": {
        "en": "Send the file as multipart/form-data, in the field “file”.",
        "fr": "Envoyez le fichier en multipart/form-data, dans le champ « file ».",
        "ja": "ファイルは multipart/form-data の「file」フィールドで送ってください。",
    },
    "problem.no-file.title": {"en": "No file", "fr": "Aucun fichier", "ja": "ファイルがありません"},
    "problem.no-file.detail": {
        "en": "Choose a file first. Programs send it in the field “file”, with a file name.",
        "fr": "Choisissez d’abord un fichier. Par programme : dans le champ « file », avec un nom de fichier.",
        "ja": "先にファイルを選んでください。プログラムからは「file」フィールドにファイル名を付けて送ります。",
    },
    "problem.several-files.title": {
        "en": "More than one file",
        "fr": "Plus d’un fichier",
        "ja": "ファイルが複数あります",
    },
    "problem.several-files.detail": {
        "en": "Send one file at a time.",
        "fr": "Envoyez un seul fichier à la fois.",
        "ja": "ファイルは一度に一つずつ送ってください。",
    },
    "problem.bad-parameter.title": {
        "en": "A parameter cannot be used",
        "fr": "Un paramètre est inutilisable",
        "ja": "使えないパラメーターがあります",
    },
    "problem.bad-parameter.detail": {
        "en": "Not a value that can be used: {names}.",
        "fr": "Valeur inutilisable : {names}.",
        "ja": "使えない値です：{names}。",
    },
    "problem.no-key.title": {"en": "A key is needed", "fr": "Une clé est nécessaire", "ja": "キーが必要です"},
    "problem.no-key.detail": {
        "en": "Send the key that the operator gave you: Authorization: Bearer KEY.",
        "fr": "Envoyez la clé que l’exploitant vous a donnée : Authorization: Bearer CLÉ.",
        "ja": "運用者から受け取ったキーを Authorization: Bearer キー の形で送ってください。",
    },
    "problem.not-allowed.title": {
        "en": "This key does not allow it",
        "fr": "Cette clé ne le permet pas",
        "ja": "このキーでは許可されていません",
    },
    "problem.not-allowed.detail": {
        "en": "The key has no right to “{scope}”, or not with this credential.",
        "fr": "La clé ne donne pas droit à « {scope} », ou pas avec ce certificat.",
        "ja": "このキーには「{scope}」の権限がないか、この証明書では使えません。",
    },
    "problem.no-credentials.title": {
        "en": "This server cannot sign",
        "fr": "Ce serveur ne peut pas signer",
        "ja": "このサーバーでは署名できません",
    },
    "problem.no-credentials.detail": {
        "en": "No credentials are configured. The operator names them with --credentials.",
        "fr": "Aucun certificat n’est configuré. L’exploitant les indique par --credentials.",
        "ja": "証明書が設定されていません。運用者は --credentials でフォルダーを指定します。",
    },
    "problem.no-such-credential.title": {
        "en": "No such credential",
        "fr": "Certificat inconnu",
        "ja": "その名前の証明書はありません",
    },
    "problem.no-such-credential.detail": {
        "en": "There is no credential called “{name}” here.",
        "fr": "Il n’y a pas ici de certificat nommé « {name} ».",
        "ja": "「{name}」という証明書はここにありません。",
    },
    "problem.not-signed.title": {"en": "Not signed", "fr": "Non signé", "ja": "署名しませんでした"},
    "problem.not-signed.detail": {
        "en": "Nothing was signed: {why}",
        "fr": "Rien n’a été signé : {why}",
        "ja": "署名は行われませんでした：{why}",
    },
    "problem.signing-stopped.title": {
        "en": "Signing was stopped",
        "fr": "La signature a été interrompue",
        "ja": "署名を中断しました",
    },
    "problem.signing-stopped.detail": {
        "en": "The file took too long, or stopped its process. Nothing was signed.",
        "fr": "Le fichier a pris trop de temps ou a arrêté son processus. Rien n’a été signé.",
        "ja": "時間がかかりすぎたか、処理が停止したため、署名は行われませんでした。",
    },
    "problem.signing-unavailable.title": {
        "en": "Signing does not work at present",
        "fr": "La signature ne fonctionne pas pour le moment",
        "ja": "現在、署名できません",
    },
    "problem.signing-unavailable.detail": {
        "en": "The credential, the profile or the time stamping authority cannot be used. "
        "The operator finds the cause in the log.",
        "fr": "Le certificat, le profil ou l’horodatage est inutilisable. "
        "L’exploitant en trouvera la cause dans le journal.",
        "ja": "証明書、プロファイル、またはタイムスタンプ局を使えません。原因は運用者がログで確かめられます。",
    },
    "problem.internal.title": {
        "en": "The service failed",
        "fr": "Le service a échoué",
        "ja": "サービスでエラーが起きました",
    },
    "problem.internal.detail": {
        "en": "This is an error of the service, not of your file. Its operator finds the cause in the log.",
        "fr": "L’erreur vient du service, pas de votre fichier. Son exploitant en trouvera la cause dans le journal.",
        "ja": "ファイルではなくサービス側のエラーです。原因は運用者がログで確かめられます。",
    },
    "problem.not-detected.title": {
        "en": "The detectors cannot be asked about this file",
        "fr": "Les détecteurs ne peuvent pas examiner ce fichier",
        "ja": "このファイルは検出器で調べられません",
    },
    "problem.not-detected.detail": {
        "en": "{why}",
        "fr": "Motif (en anglais) : {why}",
        "ja": "理由（英語）：{why}",
    },
    "problem.not-fetched.title": {
        "en": "The address was not fetched",
        "fr": "L’adresse n’a pas été téléchargée",
        "ja": "アドレスから取得できませんでした",
    },
    "problem.not-fetched.detail": {
        "en": "It was not fetched: {why}",
        "fr": "Non téléchargé : {why}",
        "ja": "取得できません：{why}",
    },
    "problem.fetching-off.title": {
        "en": "This server fetches no files",
        "fr": "Ce serveur ne télécharge pas de fichiers",
        "ja": "このサーバーはファイルを取得しません",
    },
    "problem.fetching-off.detail": {
        "en": "Send the file itself. Whoever runs the server can allow addresses with --fetch-urls.",
        "fr": "Envoyez le fichier lui-même. L’exploitant du serveur peut autoriser les adresses avec --fetch-urls.",
        "ja": "ファイルそのものを送信してください。運用者は --fetch-urls でアドレスの指定を許可できます。",
    },
    "problem.no-detectors.title": {
        "en": "No detectors here",
        "fr": "Pas de détecteurs ici",
        "ja": "検出器がありません",
    },
    "problem.no-detectors.detail": {
        "en": "The detectors are not installed on this server.",
        "fr": "Les détecteurs ne sont pas installés sur ce serveur.",
        "ja": "このサーバーには検出器がインストールされていません。",
    },
    "problem.stopped.title": {
        "en": "The examination was stopped",
        "fr": "L’examen a été interrompu",
        "ja": "処理を中止しました",
    },
    "problem.stopped.detail": {
        "en": "The file took too long, or stopped the process that examined it. Other files are not affected.",
        "fr": "Le fichier a pris trop de temps ou a arrêté le processus qui l’examinait. Les autres fichiers ne sont "
        "pas concernés.",
        "ja": "処理に時間がかかりすぎたか、調べていたプロセスが停止しました。ほかのファイルには影響ありません。",
    },
    "problem.busy.title": {
        "en": "Too many files at once",
        "fr": "Trop de fichiers à la fois",
        "ja": "ただいま混み合っています",
    },
    "problem.busy.detail": {
        "en": "The server is busy with other files. Try again in a moment.",
        "fr": "Le serveur traite d’autres fichiers. Réessayez dans un instant.",
        "ja": "ほかのファイルを処理しています。少し待ってから、もう一度お試しください。",
    },
}

_UNITS: Final = ((GIB, "GB", "Go"), (MIB, "MB", "Mo"), (KIB, "KB", "Ko"))


def word(key: str, /, language: str, **values: str) -> str:
    """A word or sentence in a language. A value that is not given stays a placeholder, for the page to fill in."""
    text = WORDS[key][language]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def readable_size(size: int, language: str) -> str:
    """A number of bytes as people write it."""
    for unit, name, french in _UNITS:
        if size >= unit:
            number = f"{size / unit:.1f}".removesuffix(".0")
            return f"{number.replace('.', ',')} {french}" if language == "fr" else f"{number} {name}"
    return {"en": f"{size} bytes", "fr": f"{size} octets", "ja": f"{size} バイト"}[language]
