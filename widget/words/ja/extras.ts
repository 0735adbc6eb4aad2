import type { ContactStrings, ExtrasStrings, FileKinds } from '../strings.ts'
import { formatsIn } from '../formats.ts'
import { listIn, sizesIn } from '../sizes.ts'

const { number } = formatsIn('ja')

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('ja', [images && '画像（PNG、JPEG、GIF、WebP）', text && 'テキストファイル', pdf && 'PDF'])

/** Japanese words of what the composer can do beyond text. */
export const extras: ExtrasStrings = {
  size: sizesIn('ja'),
  files: {
    hint: (kinds, most, size) => `${number(most)} 個まで、合計 ${size} まで: ${kindsIn(kinds)}`,
    list: '送信するファイル',
    drop: 'ここにファイルをドロップして追加',
    reading: (name) => `${name} を読み込んでいます`,
    remove: (name) => `${name} を取り除く`,
    sending: 'ファイルを送信しています',
    download: (name) => `${name} をダウンロード`,
    notDownloaded: (name, why) => `${name} をダウンロードできませんでした。${why}`,
    needText: 'ファイルに添える言葉を入力してください。',
  },
  refused: {
    tooMany: (most) =>
      `1 件のメッセージに付けられるファイルは ${number(most)} 個までです。先にどれかを取り除いてください。`,
    tooLarge: (size) =>
      `1 件のメッセージのファイルは合計 ${size} までです。もっと小さいものを選んでください。`,
    empty: (name) => `${name} は空です。`,
    kind: (name, kinds) => `${name} は追加されませんでした。追加できるのは${kindsIn(kinds)}です。`,
    unreadable: (name) => `${name} を読み込めませんでした。`,
  },
  settings: {
    list: '回答の設定',
    temperature: (value) => `温度 ${number(value)}`,
    top_k: (value) => `top-k ${number(value)}`,
    remove: (setting) => `${setting} を取り除く`,
  },
  commands: {
    list: 'コマンド',
    count: (amount) => `コマンド ${number(amount)} 個`,
    does: {
      temperature: '表現の自由度、0～2',
      topk: '候補にする語の数、1～200',
      think: '順を追って考える: on（オン）/ off（オフ）',
      person: '担当者に連絡する',
      clear: '新しい会話を始める',
      help: 'コマンドの一覧を表示',
    },
    unknown: (name) => `/${name} というコマンドはありません。/help ですべて表示できます。`,
    range: (name, least, most, whole) =>
      `/${name} には ${least}～${most} の${whole ? '整数' : '数値'}を指定してください。`,
    onOff: '/think には “on”（オン）か “off”（オフ）を指定します。何も付けないと切り替わります。',
    extra: (name) => `/${name} には何も付けません。`,
    isSet: (setting) => `これからの設定: ${setting}。`,
    cleared: '新しい会話です。',
    thinks: (on) => (on ? 'じっくり考えます。' : 'じっくり考えるのをやめます。'),
    cannotThink: '考え方はここでは切り替えられません。',
    slashText: 'スラッシュで始まる文章を送るには、スラッシュを 2 つ入力してください。',
  },
  voice: {
    stop: '音声入力を終える',
    heardBy: '話した内容は、ブラウザーの音声サービスで文字になります。',
    listening: '聞いています…',
    denied: 'ここではマイクが許可されていません。ブラウザーの設定で変更できます。',
    unheard: '何も聞こえませんでした。もう一度お試しください。',
    noMicrophone: 'マイクがありません。',
    failed: '現在、ブラウザーの音声サービスに接続できません。',
  },
  followUps: '次に聞けること',
  nearest: 'こちらの質問が参考になるかもしれません：',
}

/** Japanese words of the ways to a person. */
export const contact: ContactStrings = {
  title: '担当者に問い合わせる',
  lead: '担当者にお尋ねになりますか？',
  email: 'メール',
  phone: '電話',
  page: 'お問い合わせページ',
  newTab: '新しいタブで開きます',
  write: 'メッセージを書く',
  form: {
    message: 'メッセージ',
    email: 'メールアドレス',
    consent: '返信のために、メッセージとメールアドレスが保存されることに同意します。',
    privacy: 'プライバシー',
    send: 'メッセージを送信',
    close: 'フォームを閉じる',
    sending: '送信中…',
    noMessage: 'メッセージを入力してください。',
    tooLong: (over, limit) =>
      `メッセージが${number(over)}文字長すぎます。${number(limit)}文字まで入力できます。`,
    badMessage: 'このメッセージは受け付けられませんでした。内容を変更してください。',
    noEmail: '返信先のメールアドレスを入力してください。',
    badEmail: 'メールアドレスを1つだけ入力してください（例：name@example.com）。',
    noConsent: 'メッセージを保存して返信できるように、チェックを入れてください。',
    unsent: (sentence) =>
      `メッセージは送信されませんでした。入力した内容はここに残っています。${sentence}`,
    tooMany: '短い時間に多くのメッセージが送られました。',
    closed: '現在、こちらではメッセージを受け付けていません。後でもう一度お試しください。',
  },
  sent: (email) => `メッセージを送信しました。返信は${email}に届きます。`,
}
