import type { AnswerStrings } from '../strings.ts'
import { count } from './formats.ts'

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} ث` : `${Math.floor(seconds / 60)} د ${seconds % 60} ث`

/** Arabic words in an answer. */
export const answer: Required<AnswerStrings> = {
  markdown: {
    copyCode: 'نسخ',
    codeCopied: 'تم النسخ',
    codeRegion: (language) => (language === '' ? 'شيفرة' : `شيفرة، ${language}`),
    tableRegion: 'جدول',
    taskDone: 'منجز',
    taskOpen: 'غير منجز',
    image: 'صورة:',
  },
  thinking: 'يفكّر…',
  thought: 'فكّر',
  thoughtFor: (seconds) => `فكّر لمدة ${elapsed(seconds)}`,
  elapsed,
  searchingWeb: (query) => (query ? `يبحث في الويب عن «${query}»` : 'يبحث في الويب'),
  usingTool: (name) => `يستخدم ${name}`,
  unnamedTool: 'أداة',
  tools: {
    searchedWeb: (query) => (query ? `بحث في الويب عن «${query}»` : 'بحث في الويب'),
    searchingDocuments: (query) =>
      query ? `يبحث في المستندات عن «${query}»` : 'يبحث في المستندات',
    searchedDocuments: (query) => (query ? `بحث في المستندات عن «${query}»` : 'بحث في المستندات'),
    calculating: (expression) => (expression ? `يحسب ${expression}` : 'يحسب'),
    calculated: (expression) => (expression ? `حسب ${expression}` : 'أجرى الحساب'),
    usedTool: (name) => `استخدم ${name}`,
    notSearchedWeb: (query) =>
      query ? `تعذّر البحث في الويب عن «${query}»` : 'تعذّر البحث في الويب',
    notSearchedDocuments: (query) =>
      query ? `تعذّر البحث في المستندات عن «${query}»` : 'تعذّر البحث في المستندات',
    notCalculated: (expression) => (expression ? `تعذّر حساب ${expression}` : 'تعذّر إجراء الحساب'),
    notUsedTool: (name) => `تعذّر استخدام ${name}`,
    toolRunning: 'قيد التنفيذ',
    toolDone: 'تم',
    toolFailed: 'فشل',
    toolUnanswered: 'بلا نتيجة',
    wantsTool: (title) => `يريد المساعد استخدام «${title}».`,
    toolAsking: 'يحتاج إلى موافقتك',
    toolElsewhere: 'قيد التنفيذ في نافذة أخرى',
    toolWaiting: 'في انتظار الصفحة التي توفّر هذا',
    toolDenied: 'غير مسموح',
    toolRefused: {
      busy: 'هذا كثير في وقت قصير. اختر من جديد بعد لحظات.',
      failed: 'يتعذّر الوصول إلى خادم الدردشة الآن. اختر من جديد.',
    },
    allowTool: 'السماح',
    denyTool: 'عدم السماح',
    showAll: 'عرض الكل',
    toolArguments: 'المدخلات',
    toolResult: 'النتيجة',
    resultCount: (amount) =>
      count(amount, {
        zero: 'لا نتائج',
        one: 'نتيجة واحدة',
        two: 'نتيجتان',
        few: '# نتائج',
        other: '# نتيجة',
      }),
  },
  cited: {
    sources: 'المصادر',
    showSource: (number, title) => `المصدر ${number}: ${title}`,
    showPassage: (number) => `مقطع من المصدر ${number}`,
    alsoFound: 'وُجد أيضًا',
    page: (number) => `صفحة ${number}`,
    open: 'فتح',
    notFound: 'غير موجود في هذا المصدر:',
  },
}
