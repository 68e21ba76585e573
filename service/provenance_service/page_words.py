"""The words of the page's answers, of text and addresses, and of the sign page, in all languages side by side."""

from typing import Final

PAGE_WORDS: Final[dict[str, dict[str, str]]] = {
    # Asking
    "page.choose_files": {"en": "Choose files", "fr": "Choisissez des fichiers", "ja": "ファイルを選ぶ（複数可）"},
    "page.drop_files": {
        "en": "or drop or paste them here",
        "fr": "ou déposez-les ou collez-les ici",
        "ja": "またはここにドロップ・貼り付け",
    },
    "page.limits": {
        "en": "Up to {size} each, {count} at a time",
        "fr": "{size} au maximum chacun, {count} à la fois",
        "ja": "1ファイル最大{size}、一度に{count}件まで",
    },
    "page.url": {"en": "Check a web address", "fr": "Vérifier une adresse web", "ja": "ウェブアドレスを調べる"},
    "page.url_label": {
        "en": "Address of the picture, video, sound or document itself",
        "fr": "Adresse de l’image, de la vidéo, du son ou du document lui-même",
        "ja": "画像・動画・音声・文書そのもののアドレス",
    },
    "page.url_note": {
        "en": "This server fetches it. Whoever runs that address can see that it was asked for.",
        "fr": "Ce serveur la télécharge. L’exploitant de l’adresse peut voir qu’elle a été demandée.",
        "ja": "このサーバーが取得します。相手側には、取得されたことがわかります。",
    },
    "page.text": {"en": "Check a text", "fr": "Vérifier un texte", "ja": "文章を調べる"},
    "page.text_label": {
        "en": "Paste the text here",
        "fr": "Collez le texte ici",
        "ja": "ここに文章を貼り付けてください",
    },
    "page.text_note": {
        "en": "A longer text gives a better estimate; a short one often gives none.",
        "fr": "Un texte plus long donne une meilleure estimation ; un texte court n’en donne souvent aucune.",
        "ja": "長い文章ほど推定しやすく、短い文章では推定できないことがよくあります。",
    },
    "page.text_name": {"en": "pasted-text.txt", "fr": "texte-collé.txt", "ja": "貼り付けた文章.txt"},
    "page.keep": {
        "en": "Keep this answer and give me a link (deleted after {days} days)",
        "fr": "Conserver cette réponse et me donner un lien (supprimée après {days} jours)",
        "ja": "結果を保存してリンクを受け取る（{days}日後に削除）",
    },
    "page.to_sign": {"en": "Sign a file", "fr": "Signer un fichier", "ja": "ファイルに署名する"},
    "page.to_verify": {"en": "Examine a file", "fr": "Examiner un fichier", "ja": "ファイルを調べる"},
    # Answers
    "page.answers": {"en": "Answers", "fr": "Réponses", "ja": "結果"},
    "page.progress": {"en": "{done} of {all} done", "fr": "{done} sur {all} terminés", "ja": "{all}件中{done}件が完了"},
    "page.too_many": {
        "en": "{count} files at a time: the others were left out.",
        "fr": "{count} fichiers à la fois : les autres ont été laissés de côté.",
        "ja": "一度に{count}件までです。残りは受け付けませんでした。",
    },
    "page.clear": {"en": "Clear the list", "fr": "Vider la liste", "ja": "一覧を消す"},
    "page.waiting": {"en": "Waiting", "fr": "En attente", "ja": "順番を待っています"},
    "page.sending": {"en": "Sending", "fr": "Envoi", "ja": "送信しています"},
    "page.examining": {"en": "Examining", "fr": "Examen", "ja": "調べています"},
    "page.again": {"en": "Try again", "fr": "Réessayer", "ja": "もう一度試す"},
    "page.whole": {"en": "The whole answer", "fr": "La réponse entière", "ja": "結果の全体"},
    "page.print": {"en": "Print", "fr": "Imprimer", "ja": "印刷"},
    "page.where": {"en": "Show where", "fr": "Montrer où", "ja": "どこかを表示"},
    "page.drawing": {"en": "Estimating where", "fr": "Estimation des endroits", "ja": "場所を推定しています"},
    "page.where_note": {
        "en": "An estimate, and a weaker one than above: each part of the picture was judged alone. The redder, "
        "the more it looked AI-made. Real photographs turn red too: where the sentence above does not point "
        "to AI, neither do the colours.",
        "fr": "Une estimation, plus faible que celle du dessus : chaque partie de l’image a été jugée seule. "
        "Plus c’est rouge, plus elle a semblé créée par IA. De vraies photos rougissent aussi : si la phrase du dessus "
        "n’indique pas l’IA, les couleurs ne l’indiquent pas non plus.",
        "ja": "これも推定で、上の推定より弱いものです。画像を部分ごとに判定し、AI製らしいほど赤くしています。"
        "本物の写真でも赤くなります。上の文がAIを示していなければ、色もAIを示すものではありません。",
    },
    "page.where_alt": {
        "en": "{name}, in grey, with the places coloured",
        "fr": "{name}, en gris, avec les endroits colorés",
        "ja": "{name}（グレー表示、該当する場所に色付け）",
    },
    "page.link": {"en": "Link to this answer", "fr": "Lien vers cette réponse", "ja": "この結果へのリンク"},
    "page.copy": {"en": "Copy the link", "fr": "Copier le lien", "ja": "リンクをコピー"},
    "page.copied": {"en": "Copied", "fr": "Copié", "ja": "コピーしました"},
    # Signing
    "sign.title": {"en": "Sign a file", "fr": "Signer un fichier", "ja": "ファイルに署名する"},
    "sign.lead": {
        "en": "Adds a signed record of where a file comes from. You need a key from whoever runs this server.",
        "fr": "Ajoute à un fichier une attestation signée de sa provenance. "
        "Il vous faut une clé de l’exploitant de ce serveur.",
        "ja": "ファイルの出どころを示す署名付きの記録を加えます。サーバーの運用者から受け取ったキーが必要です。",
    },
    "sign.no_script": {
        "en": "This page needs JavaScript. Programs sign with POST /v1/sign.",
        "fr": "Cette page a besoin de JavaScript. Par programme : POST /v1/sign.",
        "ja": "このページにはJavaScriptが必要です。プログラムからは POST /v1/sign を使います。",
    },
    "sign.key": {"en": "Your key", "fr": "Votre clé", "ja": "キー"},
    "sign.key_note": {
        "en": "It is sent with the file and kept nowhere, not in this browser either.",
        "fr": "Elle est envoyée avec le fichier et n’est conservée nulle part, pas non plus dans ce navigateur.",
        "ja": "ファイルと一緒に送られるだけで、このブラウザーを含めどこにも保存されません。",
    },
    "sign.credential": {"en": "Sign as", "fr": "Signer en tant que", "ja": "署名者"},
    "sign.file": {"en": "File to sign", "fr": "Fichier à signer", "ja": "署名するファイル"},
    "sign.profile": {"en": "What it is", "fr": "Ce que c’est", "ja": "ファイルの種類"},
    "sign.choose": {"en": "Please choose", "fr": "À choisir", "ja": "選んでください"},
    "sign.parent": {"en": "What it was made from", "fr": "Ce dont il a été fait", "ja": "元になったファイル"},
    "sign.needed": {"en": "required", "fr": "obligatoire", "ja": "必須"},
    "sign.sign": {"en": "Sign", "fr": "Signer", "ja": "署名する"},
    "sign.signing": {"en": "Signing {name}", "fr": "Signature de {name}", "ja": "{name} に署名しています"},
    "sign.done": {"en": "{name} is signed.", "fr": "{name} est signé.", "ja": "{name} に署名しました。"},
    "sign.download": {
        "en": "Save the signed file",
        "fr": "Enregistrer le fichier signé",
        "ja": "署名済みファイルを保存",
    },
    "sign.unknown_key": {
        "en": "This server does not know this key. Check that all of it is there.",
        "fr": "Ce serveur ne connaît pas cette clé. Vérifiez qu’elle est complète.",
        "ja": "このサーバーに登録のないキーです。最後まで入力されているか確かめてください。",
    },
    "sign.remarks": {"en": "You should know", "fr": "À savoir", "ja": "お知らせ"},
    "sign.unset": {"en": "Not said", "fr": "Non précisé", "ja": "指定しない"},
    "fact.title": {"en": "Title", "fr": "Titre", "ja": "題名"},
    "fact.description": {"en": "What was done", "fr": "Ce qui a été fait", "ja": "行ったこと"},
    "fact.model": {"en": "AI model", "fr": "Modèle d’IA", "ja": "AIモデル"},
    "fact.prompt": {
        "en": "Prompt (only its fingerprint is written)",
        "fr": "Consigne (seule son empreinte est inscrite)",
        "ja": "プロンプト（ハッシュ値だけを記録）",
    },
    "fact.human_oversight": {
        "en": "How people took part",
        "fr": "Part des personnes",
        "ja": "人の関わり方",
    },
    "fact.human_oversight.fully_autonomous": {"en": "Not at all", "fr": "Aucune", "ja": "関わっていない"},
    "fact.human_oversight.prompt_guided": {
        "en": "They wrote the prompt",
        "fr": "Elles ont écrit la consigne",
        "ja": "プロンプトを書いた",
    },
    "fact.human_oversight.human_validated": {
        "en": "They checked the result",
        "fr": "Elles ont vérifié le résultat",
        "ja": "結果を確かめた",
    },
    "fact.training_mining": {
        "en": "Use for AI training and data mining",
        "fr": "Utilisation pour l’entraînement d’IA et la fouille de données",
        "ja": "AIの学習・データマイニングへの利用",
    },
    "fact.training_mining.allowed": {"en": "Allowed", "fr": "Autorisée", "ja": "許可する"},
    "fact.training_mining.notAllowed": {"en": "Not allowed", "fr": "Non autorisée", "ja": "許可しない"},
    "fact.training_mining.constrained": {"en": "Ask first", "fr": "Sur demande", "ja": "事前に確認が必要"},
    "profile.ai-generated": {
        "en": "Made by AI, all of it",
        "fr": "Créé entièrement par IA",
        "ja": "すべてAIで作成したもの",
    },
    "profile.ai-edited": {
        "en": "Something that existed, changed with AI",
        "fr": "Une œuvre existante, modifiée avec l’IA",
        "ja": "既存のものをAIで加工したもの",
    },
    "profile.captured": {
        "en": "A photo or recording, nothing done to it since",
        "fr": "Une photo ou un enregistrement, sans modification depuis",
        "ja": "撮影・録音したままで、手を加えていないもの",
    },
    "profile.derived": {
        "en": "Resized, cropped or converted, nothing else",
        "fr": "Redimensionné, recadré ou converti, rien d’autre",
        "ja": "サイズ変更・切り抜き・変換だけをしたもの",
    },
    "profile.edited": {
        "en": "Something that existed, changed by people without AI",
        "fr": "Une œuvre existante, modifiée sans IA par des personnes",
        "ja": "既存のものを人がAIを使わずに編集したもの",
    },
    "profile.published": {
        "en": "Published as it is, with all of its history",
        "fr": "Publié tel quel, avec tout son historique",
        "ja": "履歴ごと、そのまま公開するもの",
    },
    # What whoever signs should know: the keys that POST /v1/sign answers with, without their values
    "remark.sign.development": {
        "en": "Signed with a development credential. Reports name it as such, and nobody should trust it.",
        "fr": "Signé avec un certificat de développement. Les rapports le disent, et nul ne doit s’y fier.",
        "ja": "開発用の証明書で署名しました。レポートにもそう表示され、信頼すべきものではありません。",
    },
    "remark.sign.no_time_stamp": {
        "en": "Signed without a time stamp.",
        "fr": "Signé sans horodatage.",
        "ja": "タイムスタンプなしで署名しました。",
    },
    "remark.sign.not_declared": {
        "en": "The origin stands in the signed record only: this kind of file takes no description of its own.",
        "fr": "L’origine ne figure que dans l’attestation signée : ce type de fichier n’a pas de description propre.",
        "ja": "出どころは署名付きの記録だけに入っています。この種類のファイルには自身の記載欄がありません。",
    },
    "remark.sign.no_picture": {
        "en": "The picture could not be decoded, so the record has no thumbnail. Is it damaged?",
        "fr": "L’image n’a pas pu être décodée : l’attestation n’a pas de vignette. Est-elle abîmée ?",
        "ja": "画像を読み取れず、記録に縮小画像がありません。壊れていませんか。",
    },
    "remark.sign.not_compared": {
        "en": "The picture is so large that it was not compared with the one before it was signed.",
        "fr": "L’image est si grande qu’elle n’a pas été comparée à celle d’avant la signature.",
        "ja": "画像が大きすぎるため、署名前の画像との比較は行っていません。",
    },
    "remark.sign.redaction_disputed": {
        "en": "One of the two checkers calls a record with a part taken out invalid; the other calls it valid.",
        "fr": "L’un des deux vérificateurs juge non valide l’attestation dont une partie manque ; l’autre, valide.",
        "ja": "一部を取り除いた記録を、二つの検証の一つは無効、もう一つは有効と判定します。",
    },
    "remark.sign.normalized": {
        "en": "The text was brought into Unicode’s normal form, as the standard asks.",
        "fr": "Le texte a été mis sous la forme normale d’Unicode, comme le veut la norme.",
        "ja": "規格に従い、文章をUnicodeの正規形に直しました。",
    },
    "remark.sign.broken_kept": {
        "en": "The record of what it was made from does not hold. It is kept, and the new record says so.",
        "fr": "L’attestation de ce dont il a été fait n’est pas valable. Elle est conservée, et la nouvelle le dit.",
        "ja": "元になったファイルの記録は成り立っていません。そのまま残し、新しい記録にその旨を書きました。",
    },
}
