import type { ExtrasStrings, FileKinds } from '../../composer/strings.ts'
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
}
