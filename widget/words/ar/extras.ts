import type { ContactStrings, ExtrasStrings, FileKinds } from '../strings.ts'
import { listIn, sizesIn } from '../sizes.ts'
import { count, LANGUAGE, number } from './formats.ts'

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('ar', [images && 'صور (PNG وJPEG وGIF وWebP)', text && 'ملفات نصية', pdf && 'PDF'])

const files = (amount: number) =>
  count(amount, {
    one: 'ملف واحد',
    two: 'ملفان',
    few: '# ملفات',
    many: '# ملفًا',
    other: '# ملف',
  })

/** Arabic words of what the composer can do beyond text. */
export const extras: ExtrasStrings = {
  size: sizesIn(LANGUAGE),
  files: {
    hint: (kinds, most, size) =>
      `الحد الأقصى: ${files(most)}، ${size} إجمالًا. الأنواع: ${kindsIn(kinds)}`,
    list: 'ملفات للإرسال',
    drop: 'أفلت الملفات لإضافتها',
    reading: (name) => `تجري قراءة ${name}`,
    remove: (name) => `إزالة ${name}`,
    sending: 'يجري إرسال الملفات',
    download: (name) => `تنزيل ${name}`,
    notDownloaded: (name, why) => `لم يُنزّل ${name}. ${why}`,
    needText: 'اكتب بضع كلمات مع الملفات.',
  },
  refused: {
    tooMany: (most) => `الحد الأقصى للرسالة: ${files(most)}. أزل واحدًا أولًا.`,
    tooLarge: (size) => `الحد الأقصى لملفات الرسالة ${size} إجمالًا. اختر ملفات أصغر.`,
    empty: (name) => `${name} فارغ.`,
    kind: (name, kinds) => `لم يُضف ${name}. يمكنك إضافة ${kindsIn(kinds)}.`,
    unreadable: (name) => `تعذّرت قراءة ${name}.`,
  },
  settings: {
    list: 'إعدادات الإجابات',
    temperature: (value) => `درجة الحرية ${number(value)}`,
    top_k: (value) => `top-k ${number(value)}`,
    remove: (setting) => `إزالة ${setting}`,
  },
  commands: {
    list: 'الأوامر',
    count: (amount) =>
      count(amount, {
        zero: 'لا أوامر',
        one: 'أمر واحد',
        two: 'أمران',
        few: '# أوامر',
        many: '# أمرًا',
        other: '# أمر',
      }),
    does: {
      temperature: 'مدى حرية الكتابة، من 0 إلى 2',
      topk: 'عدد الكلمات التي يُختار منها، من 1 إلى 200',
      think: 'التفكير خطوة بخطوة: on (تشغيل) أو off (إيقاف)',
      person: 'التواصل مع شخص',
      clear: 'بدء محادثة جديدة',
      help: 'عرض هذه الأوامر',
    },
    unknown: (name) => `لا يوجد أمر باسم /${name}. اكتب /help لعرضها كلها.`,
    range: (name, least, most, whole) =>
      `يأخذ /${name} عددًا${whole ? ' صحيحًا' : ''} من ${least} إلى ${most}.`,
    onOff: 'يأخذ /think «on» (تشغيل) أو «off» (إيقاف)، أو لا شيء للتبديل.',
    extra: (name) => `يُكتب /${name} وحده.`,
    isSet: (setting) => `من الآن: ${setting}.`,
    cleared: 'هذه محادثة جديدة.',
    thinks: (on) => (on ? 'التفكير مفعّل.' : 'التفكير متوقف.'),
    cannotThink: 'لا يمكن تغيير التفكير هنا.',
    slashText: 'لإرسال نص يبدأ بشرطة مائلة، اكتب شرطتين.',
  },
  voice: {
    stop: 'إيقاف الاستماع',
    heardBy: 'تحوّل خدمة الصوت في متصفحك كلامك إلى نص.',
    listening: 'يستمع…',
    denied: 'الميكروفون غير مسموح به هنا. يمكنك تغيير ذلك في إعدادات متصفحك.',
    unheard: 'لم يُسمع شيء. أعد المحاولة.',
    noMicrophone: 'لا يوجد ميكروفون.',
    failed: 'يتعذّر الوصول إلى خدمة الصوت في المتصفح الآن.',
  },
  followUps: 'يمكنك أن تسأل بعد ذلك',
  nearest: 'لعلّ أحد هذه الأسئلة يفيدك:',
}

/** Arabic words of the ways to a person. */
export const contact: ContactStrings = {
  title: 'التحدث مع شخص',
  lead: 'هل تفضّل أن تسأل شخصًا؟',
  email: 'البريد الإلكتروني',
  phone: 'الهاتف',
  page: 'صفحة الاتصال',
  newTab: 'تُفتح في علامة تبويب جديدة',
  write: 'كتابة رسالة',
  form: {
    message: 'رسالتك',
    email: 'بريدك الإلكتروني',
    consent: 'يمكنكم حفظ رسالتي وبريدي الإلكتروني للرد عليّ.',
    privacy: 'الخصوصية',
    send: 'إرسال الرسالة',
    close: 'إغلاق النموذج',
    sending: 'جارٍ الإرسال…',
    noMessage: 'اكتب رسالتك.',
    tooLong: (over, limit) =>
      `الرسالة أطول من الحد بمقدار ${count(over, { one: 'حرف واحد', two: 'حرفين', few: '# أحرف', many: '# حرفًا', other: '# حرف' })}، والحد هو ${number(limit)}.`,
    badMessage: 'لم تُقبل هذه الرسالة. يُرجى تعديلها.',
    noEmail: 'أدخل بريدك الإلكتروني حتى نتمكن من الرد عليك.',
    badEmail: 'أدخل عنوان بريد إلكتروني واحدًا، مثل name@example.com.',
    noConsent: 'ضع علامة هنا حتى نتمكن من حفظ رسالتك والرد عليها.',
    unsent: (sentence) => `لم تُرسل رسالتك. ما كتبته محفوظ هنا. ${sentence}`,
    tooMany: 'كانت هذه رسائل كثيرة في وقت قصير.',
    closed: 'لا تُستقبل الرسائل هنا حاليًا. يُرجى المحاولة لاحقًا.',
  },
  sent: (email) => `أُرسلت رسالتك. سيصل الرد إلى ${email}.`,
}
