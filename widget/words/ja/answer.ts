import type { AnswerStrings } from '../strings.ts'
import { formatsIn } from '../formats.ts'

const { number } = formatsIn('ja')

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} 秒` : `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒`

/** Japanese words in an answer. */
export const answer: Required<AnswerStrings> = {
  markdown: {
    copyCode: 'コピー',
    codeCopied: 'コピーしました',
    codeRegion: (language) => (language === '' ? 'コード' : `コード（${language}）`),
    tableRegion: '表',
    taskDone: '完了',
    taskOpen: '未完了',
    image: '画像：',
  },
  thinking: '考えています…',
  thought: '考えました',
  thoughtFor: (seconds) => `${elapsed(seconds)}間考えました`,
  elapsed,
  searchingWeb: (query) =>
    query ? `ウェブで「${query}」を検索しています` : 'ウェブを検索しています',
  usingTool: (name) => `${name} を使っています`,
  unnamedTool: 'ツール',
  tools: {
    searchedWeb: (query) => (query ? `ウェブで「${query}」を検索しました` : 'ウェブを検索しました'),
    searchingDocuments: (query) =>
      query ? `資料で「${query}」を検索しています` : '資料を検索しています',
    searchedDocuments: (query) =>
      query ? `資料で「${query}」を検索しました` : '資料を検索しました',
    calculating: (expression) => (expression ? `${expression} を計算しています` : '計算しています'),
    calculated: (expression) => (expression ? `${expression} を計算しました` : '計算しました'),
    usedTool: (name) => `${name} を使いました`,
    notSearchedWeb: (query) =>
      query ? `ウェブで「${query}」を検索できませんでした` : 'ウェブを検索できませんでした',
    notSearchedDocuments: (query) =>
      query ? `文書から「${query}」を探せませんでした` : '文書を検索できませんでした',
    notCalculated: (expression) =>
      expression ? `${expression} を計算できませんでした` : '計算できませんでした',
    notUsedTool: (name) => `${name} を使えませんでした`,
    toolRunning: '実行中',
    toolDone: '完了',
    toolFailed: '失敗',
    toolUnanswered: '結果なし',
    wantsTool: (title) => `アシスタントが「${title}」を使おうとしています。`,
    toolAsking: '許可が必要です',
    toolElsewhere: '別のウィンドウで実行中',
    toolWaiting: 'この機能があるページを待っています',
    toolDenied: '許可されませんでした',
    toolRefused: {
      busy: '短時間に操作が集中しました。少し待ってからもう一度選んでください。',
      failed: '現在、チャットサーバーに接続できません。もう一度選んでください。',
    },
    allowTool: '許可する',
    denyTool: '許可しない',
    showAll: 'すべて表示',
    toolArguments: '引数',
    toolResult: '結果',
    resultCount: (amount) => `結果 ${number(amount)} 件`,
  },
  cited: {
    sources: '出典',
    showSource: (source, title) => `出典 ${source}: ${title}`,
    showPassage: (source) => `出典 ${source} の該当箇所`,
    alsoFound: 'ほかに見つかったもの',
    page: (page) => `${page} ページ`,
    open: '開く',
    notFound: 'この出典には見つかりません:',
  },
}
